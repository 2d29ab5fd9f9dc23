"""How close idpool is to the floor that AWS and the parser set: `python -m benchmarks`."""
