"""What the business is about: values and judgements. No I/O, no clock, no framework."""
