"""What must survive: desired state, placements, tokens, observations, reports, leadership."""
