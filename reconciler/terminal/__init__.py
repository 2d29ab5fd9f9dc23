"""Streams, questions, signals and output files: what stands between a command and its user."""
