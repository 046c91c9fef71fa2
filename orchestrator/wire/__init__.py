"""Between coordinator and workers: messages, queues, leases, the board. The only users of Redis."""
