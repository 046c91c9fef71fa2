"""The whole product, started as its users start it, and judged by what others receive and see."""
