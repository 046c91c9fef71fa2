"""A day's plan as people see it: one sheet of facts, shown as table, page, calendar or document."""
