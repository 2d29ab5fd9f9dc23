"""Proof that the tests bite: break the code on purpose, and see a test turn red.

Each mutant is one deliberate breakage of what idpool promises, and the tests that must notice it.
It is applied to a copy of the work tree; the work tree itself is never touched.

usage: mutants.py [NAME ...]      (all without an argument); exits 1 when one survives
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv*", ".*_cache", "__pycache__", ".coverage*", ".hypothesis", ".idpool"
)


@dataclass(frozen=True)
class Mutant:
    """``old`` stands exactly once in ``file`` and becomes ``new``; ``tests`` must then fail."""

    name: str
    breaks: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


MUTANTS = (
    Mutant(
        "botocore-retries",
        "botocore repeats requests on its own, so that a lost answer creates a second pool",
        "reconciler/live/connections.py",
        'retries={"total_max_attempts": 1, "mode": "standard"}',
        'retries={"total_max_attempts": 4, "mode": "standard"}',
        ("tests/faults/test_matrix.py", "-k", "CreateIdentityPool and reset_after and first"),
    ),
    Mutant(
        "no-fresh-read",
        "a write is sent without looking whether live is still what the plan saw",
        "reconciler/executor/steps.py",
        "    if not same(fresh, expected, plan.ignored):\n        raise Stale(\n"
        '            f"{reached.pool_id} was changed',
        '    if False:\n        raise Stale(\n            f"{reached.pool_id} was changed',
        ("tests/faults/test_stale.py",),
    ),
    Mutant(
        "update-leaves-a-field-out",
        "an update does not send AllowClassicFlow, and AWS may reset it",
        "reconciler/executor/requests.py",
        '        "AllowClassicFlow": pool.AllowClassicFlow,\n',
        "",
        ("tests/e2e/test_every_field.py",),
    ),
    Mutant(
        "no-twin-rule",
        "two runs at the same moment leave two pools",
        "reconciler/executor/execution.py",
        "        if not receipt.created or run.plan.desired is None:",
        "        if True:",
        ("tests/faults/test_two_runs.py",),
    ),
    Mutant(
        "tags-not-in-the-create-call",
        "a pool whose creation was not answered cannot be found again",
        "reconciler/executor/writes.py",
        '"CreateIdentityPool", **settings_request(desired)',
        '"CreateIdentityPool", **{**settings_request(desired), "IdentityPoolTags": {}}',
        ("tests/faults/test_matrix.py", "-k", "CreateIdentityPool and hang_after and first"),
    ),
    Mutant(
        "quota-is-retried",
        "LimitExceededException, a hard quota, is asked for again and again",
        "reconciler/live/policy.py",
        'CONCURRENT_CODES = frozenset({"ConcurrentModificationException"})',
        'CONCURRENT_CODES = frozenset({"ConcurrentModificationException", '
        '"LimitExceededException"})',
        ("tests/faults/test_matrix.py", "-k", "UpdateIdentityPool and limit_exceeded and first"),
    ),
    Mutant(
        "roles-without-mappings",
        "SetIdentityPoolRoles replaces both halves, and one is left out",
        "reconciler/executor/requests.py",
        '        "RoleMappings": {key: mapping.to_api() for key, mapping in mappings.items()},\n',
        '        "RoleMappings": {} if mappings else {},\n',
        ("tests/e2e/test_every_field.py",),
    ),
    Mutant(
        "journal-after-sending",
        "a process that dies after sending leaves no trace of what it sent",
        "reconciler/executor/writes.py",
        "        self.before_sending(self.attempts + 1)\n        self.attempts += 1\n"
        "        try:\n            answer = channel.once(operation, **parameters)\n",
        "        self.attempts += 1\n        try:\n"
        "            answer = channel.once(operation, **parameters)\n"
        "            self.before_sending(self.attempts)\n",
        ("tests/faults/test_killed.py",),
    ),
    Mutant(
        "create-without-a-look",
        "a create is sent again although the first one was carried out",
        "reconciler/executor/creation.py",
        "        found = found or find_ours(connection, desired)\n",
        "        found = None\n",
        ("tests/faults/test_matrix.py", "-k", "CreateIdentityPool and reset_after and first"),
    ),
    Mutant(
        "half-an-answer-is-an-answer",
        "an answer that was cut off reads as a pool without providers",
        "reconciler/live/whole_answers.py",
        "    if not whole:",
        "    if False:",
        ("tests/faults/test_matrix.py", "-k", "cut and first"),
    ),
    Mutant(
        "developer-provider-not-refused",
        "a change that AWS can never take back is sent",
        "reconciler/planner/refusals.py",
        "    if not old or old == new:",
        "    if True:",
        ("tests/e2e/test_refusals.py",),
    ),
    Mutant(
        "names-are-identity",
        "a stranger's pool is taken because it has the same name",
        "reconciler/planner/matching.py",
        "        strangers = [",
        "        strangers: list[LivePool] = [] and [",
        ("tests/e2e/test_ownership.py",),
    ),
    Mutant(
        "ignored-field-is-reset",
        "an update sends the spec's value of a field that another owner writes",
        "reconciler/executor/steps.py",
        "    kept = keep_ignored(after, fresh, plan.ignored)\n",
        "    kept = after\n",
        ("tests/faults/test_stale.py",),
    ),
)


def main() -> int:
    """Try the mutants; one line each, then the count."""
    known = {mutant.name: mutant for mutant in MUTANTS}
    parser = argparse.ArgumentParser(description="Break the code on purpose.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
    names = parser.parse_args().names or list(known)
    if unknown := [name for name in names if name not in known]:
        parser.error(f"no such mutant: {', '.join(unknown)}")
    survivors = [name for name in names if not _killed(known[name])]
    print(f"{len(names) - len(survivors)} of {len(names)} breakages were noticed")
    return 1 if survivors else 0


def _killed(mutant: Mutant) -> bool:
    with tempfile.TemporaryDirectory(prefix="idpool-mutant-") as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
        _apply(mutant, copy / mutant.file)
        failed = _tests_fail(mutant, copy)
    print(f"{'noticed ' if failed else 'SURVIVED'}  {mutant.name}: {mutant.breaks}", flush=True)
    return failed


def _apply(mutant: Mutant, file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        sys.exit(f"mutant {mutant.name}: its text stands {text.count(mutant.old)} times in {file}")
    file.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")


def _tests_fail(mutant: Mutant, copy: Path) -> bool:
    """Whether a test turned red; anything else than red and green is an error of this script."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *mutant.tests]
    environment = {**os.environ, "PYTHONPATH": str(copy)}  # before the installed package
    run = subprocess.run(
        command, cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    if run.returncode not in (0, 1):
        sys.exit(f"mutant {mutant.name}: pytest could not run\n{run.stdout}\n{run.stderr}")
    return run.returncode == 1


if __name__ == "__main__":
    sys.exit(main())
