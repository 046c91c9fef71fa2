"""Makes what is observed equal to what is desired. One leads, others stand by."""
