"""Applies a plan and says what it did.  Takes a plan and nothing else."""
