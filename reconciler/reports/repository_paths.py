"""Paths as platforms want them: relative to the repository's root, wherever idpool has run."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath
from posixpath import normpath

from reconciler.model.findings import Finding
from reconciler.model.plan import Plan, PoolPlan, TargetPlan


def plan_from_root(plan: Plan, folder: PurePosixPath) -> Plan:
    """The plan, its specs named from the root; ``folder`` is where they are named from now."""
    targets = tuple(_target(target, folder) for target in plan.targets)
    return plan.model_copy(update={"targets": targets})


def findings_from_root(findings: Iterable[Finding], folder: PurePosixPath) -> list[Finding]:
    """The findings, their files named from the root."""
    return [replace(each, file=_path(each.file, folder)) for each in findings]


def _target(target: TargetPlan, folder: PurePosixPath) -> TargetPlan:
    return target.model_copy(update={"pools": tuple(_pool(pool, folder) for pool in target.pools)})


def _pool(pool: PoolPlan, folder: PurePosixPath) -> PoolPlan:
    source = replace(pool.source, file=_path(pool.source.file, folder))
    return pool.model_copy(update={"source": source})


def _path(file: str, folder: PurePosixPath) -> str:
    """Absolute ones stay, and so do those that lead out of the repository."""
    joined = normpath(folder / file)
    return file if joined.startswith("..") else joined
