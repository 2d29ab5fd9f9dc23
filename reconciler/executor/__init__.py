"""Applies a plan and says what it did.  Takes a plan and nothing else."""

from reconciler.executor.execution import execute

__all__ = ["execute"]
