"""A stand-in for platforms where one has no account: takes streams over RTMP, records, judges."""
