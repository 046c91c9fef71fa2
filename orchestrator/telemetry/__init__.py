"""What the processes say of themselves: logs, and in time metrics."""
