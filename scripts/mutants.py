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
        "an-unset-flow-is-false",
        "a classic flow that AWS was never told of, and so allows, is taken for a closed one",
        "reconciler/model/pool_values.py",
        'return None if api in (None, "") else bool(api)',
        "return bool(api)",
        ("tests/e2e/test_classic_flow.py", "tests/model/test_pool.py"),
    ),
    Mutant(
        "tags-are-not-looked-for",
        "an update that does not store its tags is taken for done",
        "reconciler/executor/steps.py",
        "        missing = tag_actions(stored.IdentityPoolTags, tags)\n",
        "        missing = tag_actions(tags, tags)\n",
        ("tests/faults/test_tags_of_updates.py",),
    ),
    Mutant(
        "botocore-retries",
        "botocore repeats requests on its own, so that a lost answer creates a second pool",
        "reconciler/live/aws.py",
        'retries={"total_max_attempts": 1, "mode": "standard"}',
        'retries={"total_max_attempts": 4, "mode": "standard"}',
        ("tests/faults/test_matrix.py", "-k", "CreateIdentityPool and reset_after and first"),
    ),
    Mutant(
        "no-fresh-read",
        "a write is sent without looking whether live is still what the plan saw",
        "reconciler/executor/steps.py",
        "        is_as_seen = same(fresh, expected, ignored)\n",
        "        is_as_seen = True\n",
        ("tests/faults/test_stale.py",),
    ),
    Mutant(
        "update-leaves-a-field-out",
        "an update does not send AllowClassicFlow, and AWS may reset it",
        "reconciler/executor/writes.py",
        "    request = _fields(pool, SETTINGS_FIELDS)\n",
        "    request = _fields(pool, SETTINGS_FIELDS[:2] + SETTINGS_FIELDS[3:])\n",
        ("tests/e2e/test_every_field.py",),
    ),
    Mutant(
        "no-twin-rule",
        "two runs at the same moment leave two pools",
        "reconciler/executor/execution.py",
        "        if not receipt.created:",
        "        if True:",
        ("tests/faults/test_two_runs.py",),
    ),
    Mutant(
        "tags-not-in-the-create-call",
        "a pool whose creation was not answered cannot be found again",
        "reconciler/executor/steps.py",
        "_CREATE, **settings_request(desired)",
        '_CREATE, **{**settings_request(desired), "IdentityPoolTags": {}}',
        ("tests/faults/test_matrix.py", "-k", "CreateIdentityPool and hang_after and first"),
    ),
    Mutant(
        "quota-is-retried",
        "LimitExceededException, a hard quota, is asked for again and again",
        "reconciler/live/failures.toml",
        'concurrent = ["ConcurrentModificationException"]',
        'concurrent = ["ConcurrentModificationException", "LimitExceededException"]',
        ("tests/faults/test_matrix.py", "-k", "UpdateIdentityPool and limit_exceeded and first"),
    ),
    Mutant(
        "roles-without-mappings",
        "SetIdentityPoolRoles replaces both halves, and one is left out",
        "reconciler/executor/writes.py",
        "**_fields(pool, ROLES_FIELDS)}",
        "**_fields(pool, ROLES_FIELDS[:1])}",
        ("tests/e2e/test_every_field.py",),
    ),
    Mutant(
        "journal-after-sending",
        "a process that dies after sending leaves no trace of what it sent",
        "reconciler/executor/writes.py",
        "        self.before_sending(self.attempts + 1)\n"
        "        self._require_time(channel)  # the disk may have taken its time\n"
        "        self.attempts += 1\n        self.last_failure = None\n"
        "        try:\n            answer = channel.send(operation, **parameters)\n",
        "        self.attempts += 1\n        try:\n"
        "            answer = channel.send(operation, **parameters)\n"
        "            self.before_sending(self.attempts)\n",
        ("tests/faults/test_killed.py",),
    ),
    Mutant(
        "create-without-a-look",
        "a create is sent again although the first one was carried out",
        "reconciler/executor/steps.py",
        "        if trace.lost_an_answer:\n",
        "        if False:\n",
        ("tests/faults/test_matrix.py", "-k", "CreateIdentityPool and reset_after and first"),
    ),
    Mutant(
        "the-look-is-too-old",
        "a create relies on a listing that was read long before it",
        "reconciler/executor/newcomers.py",
        "            while self._clock() > self._good_until and",
        "            while self._good_until < 0 and",
        ("tests/faults/test_newcomers.py",),
    ),
    Mutant(
        "the-look-is-the-plan-s",
        "a create relies on a page of pools that was read before it was planned",
        "reconciler/live/listing.py",
        "        return tuple(chain.from_iterable(self._pages(None)))\n",
        "        return tuple(chain.from_iterable(self.pages()))\n",
        ("tests/live/test_read_calls.py",),
    ),
    Mutant(
        "the-plan-is-older-than-the-wait",
        "a run goes on with the plan that it had before it waited for a lock or an answer",
        "reconciler/flows/carry_out.py",
        "        if has_waited and",
        "        if False and",
        ("tests/faults/test_ownership_races.py", "-k", "lock or prompt"),
    ),
    Mutant(
        "half-an-answer-is-an-answer",
        "an answer that was cut off reads as a pool without providers",
        "reconciler/live/whole_answers.py",
        "    if not _is_whole(body, operation_model.name):",
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
        "a pool is created beside one of the same name, which may be the spec's",
        "reconciler/planner/matching.py",
        "        if not same_name or spec.lifecycle.allow_same_name:\n",
        "        if True:\n",
        ("tests/e2e/test_ownership.py",),
    ),
    Mutant(
        "twins-have-one-name",
        "a pool that another run has made for the spec under another name is not seen",
        "reconciler/executor/steps.py",
        "    ours = ours_among(pools, desired, action)\n",
        "    ours = [p for p in ours_among(pools, desired, action) if not p.tags]\n",
        ("tests/faults/test_ownership_races.py", "-k", "TwoCommits"),
    ),
    Mutant(
        "what-is-not-described-is-gone",
        "a pool that is listed and not described counts as absent",
        "reconciler/live/reader.py",
        "    if not wanted:\n        return []\n",
        "    return []\n",
        ("tests/faults/test_ownership_races.py", "-k", "Unseen"),
    ),
    Mutant(
        "delete-what-was-never-ours",
        "a tombstone with a wrong id deletes somebody's pool",
        "reconciler/planner/matching.py",
        "        if not spec.lifecycle.delete or pool.tags == OwnerTags(self._owner, spec.name):\n",
        "        if True:\n",
        ("tests/faults/test_ownership_races.py", "-k", "never_ours"),
    ),
    Mutant(
        "journals-are-not-read",
        "what a run that died may have made is created again",
        "reconciler/flows/journals.py",
        "    if not paths:\n        return ()\n",
        "    return ()\n",
        ("tests/faults/test_ownership_races.py", "-k", "AfterAKill"),
    ),
    Mutant(
        "ignored-field-is-reset",
        "an update sends the spec's value of a field that another owner writes",
        "reconciler/executor/steps.py",
        "        kept = in_live_terms(after, fresh, ignored)\n",
        "        kept = after\n",
        ("tests/faults/test_stale.py",),
    ),
    Mutant(
        "create-beside-an-unread-pool",
        "a pool is created while the one that may be the spec's could not be read",
        "reconciler/planner/matching.py",
        "            return Match(refusal=self._has_to_wait(spec))\n        if spec",
        "            pass\n        if spec",
        ("tests/faults/test_unreadable_pools.py", "-k", "no_pool_is_created"),
    ),
    Mutant(
        "delete-beside-an-unread-pool",
        "a tombstone deletes a pool whose twin could not be read",
        "reconciler/planner/matching.py",
        "        if not self._unread:\n            return None\n",
        "        return None\n",
        ("tests/faults/test_unreadable_pools.py", "-k", "no_pool_is_deleted or adopted"),
    ),
    Mutant(
        "unread-pools-are-forgotten",
        "a pool that could not be read is taken for one that is not there",
        "reconciler/live/reader.py",
        '            "unread": tuple(pool for pool in pools if isinstance(pool, UnreadPool)),\n',
        "",
        ("tests/faults/test_unreadable_pools.py", "-k", "planned or rollback"),
    ),
    Mutant(
        "half-a-pool-is-compared",
        "a pool whose roles could not be read is planned as if it had none",
        "reconciler/live/reader.py",
        '    return live.model_copy(update={"problem": _problem(outcome)})\n',
        "    return live\n",
        ("tests/faults/test_unreadable_pools.py", "-k", "part_of_a_pool"),
    ),
    Mutant(
        "listing-does-not-lag",
        "a run that does not see its own pool yet believes that there is no twin",
        "reconciler/executor/newcomers.py",
        "            if set(made) <= listed:\n",
        "            if True:\n",
        ("tests/faults/test_lagging_listing.py",),
    ),
    Mutant(
        "stale-plan-is-applied",
        "a saved plan is applied although live has moved since",
        "reconciler/planner/staleness.py",
        "    if now.digest == then.digest and not moved_specs and not moved_origins:\n",
        "    if not moved_specs and not moved_origins:\n",
        ("tests/saved_plan/test_stale.py",),
    ),
    Mutant(
        "drift-is-told-twice",
        "the same drift is told by each run",
        "reconciler/model/drift.py",
        "    return known is not None if drift.is_clean else known != drift.digest\n",
        "    return known is not None if drift.is_clean else True\n",
        ("tests/drift/test_notify.py", "tests/drift/test_state.py"),
    ),
    Mutant(
        "drift-that-cleared-is-not-told",
        "nobody hears that all is well again",
        "reconciler/model/drift.py",
        "    return known is not None if drift.is_clean else known != drift.digest\n",
        "    return not drift.is_clean and known != drift.digest\n",
        ("tests/drift/test_notify.py", "tests/drift/test_state.py"),
    ),
    Mutant(
        "drift-the-wrong-way-round",
        "what live has too much is told as missing",
        "reconciler/planner/drift.py",
        '    "add": "removed",\n    "remove": "added",\n',
        '    "add": "added",\n    "remove": "removed",\n',
        ("tests/drift/test_drift.py",),
    ),
    Mutant(
        "secret-under-a-slip",
        "the secret of a login provider is shown where its key has a slip",
        "reconciler/model/secrets.py",
        "    return any(MASK in shown for shown in mask_login(name, value))\n",
        '    return name == "api.twitter.com" and ";" in value\n',
        ("tests/model/test_secrets.py", "tests/saved_plan/test_secrets.py"),
    ),
    Mutant(
        "receipt-is-cut-before-it-is-written",
        "a full disk leaves neither the old receipt nor the new one",
        "reconciler/terminal/files.py",
        "                _replace_or_overwrite(self._place, text, OWNER_ONLY)\n",
        '                self._place.write_text(text, encoding="utf-8")\n',
        ("tests/e2e/test_receipt_files.py",),
    ),
    Mutant(
        "defaults-begin-to-manage",
        "a default for Roles makes every spec manage roles, and takes those of live pools away",
        "reconciler/specs/layers.py",
        "    return {name: value for name, value in fields.items() if name not in left_out}\n",
        "    return dict(fields)\n",
        ("tests/specs/test_effective.py",),
    ),
    Mutant(
        "a-glob-wins-over-a-name",
        "what perTarget says for one target by its name is lost where a glob stands behind it",
        "reconciler/specs/layers.py",
        "    for pattern in sorted(fitting, key=target.name.__eq__):\n",
        "    for pattern in fitting:\n",
        ("tests/specs/test_effective.py",),
    ),
    Mutant(
        "everything-may-be-read",
        "a spec of a fork reads parameters and secrets that the project does not allow",
        "reconciler/specs/references.py",
        "    if globs is not None and not any(fnmatchcase(what, glob) for glob in globs):\n",
        "    if globs is not None and not any(fnmatchcase(what, glob) for glob in ('*',)):\n",
        ("tests/specs/test_references.py", "tests/e2e/test_forbidden_reads.py"),
    ),
    Mutant(
        "a-secret-in-a-tag",
        "a SecureString stands in a field that AWS shows to whoever may describe the pool",
        "reconciler/specs/effective.py",
        "        if found.is_secret and not may_be_secret:\n",
        "        if found.is_secret and may_be_secret is None:\n",
        ("tests/e2e/test_values_per_target.py",),
    ),
    Mutant(
        "a-new-version-is-the-same",
        "a secret that changed after the review is applied with a saved plan",
        "reconciler/planner/staleness.py",
        "            if was and (was.version, was.digest) != (new.version, new.digest):\n",
        "            if was and was.digest != new.digest:\n",
        ("tests/e2e/test_values_per_target.py",),
    ),
    Mutant(
        "already-so-covers-everything",
        "a bad guest role becomes a worse one, because live has a bad one already",
        "reconciler/checks/judging.py",
        "            already_so = is_old and not check.fields & changed\n",
        "            already_so = is_old\n",
        ("tests/checks/test_already_so.py",),
    ),
    Mutant(
        "an-expired-waiver-waives",
        "what was let be until a day is let be for ever",
        "reconciler/checks/rulebook.py",
        "        return not waiver.holds_on(self.today)\n",
        "        return False\n",
        ("tests/checks/test_waivers.py",),
    ),
    Mutant(
        "the-last-match-wins",
        "simulation gives the role of the last rule that matches, and AWS that of the first",
        "reconciler/checks/simulation.py",
        "    found = [_match(rule, who.claims) for rule in _rules_of(mapping)]\n",
        "    found = [_match(rule, who.claims) for rule in _rules_of(mapping)][::-1]\n",
        ("tests/checks/test_simulation.py",),
    ),
    Mutant(
        "a-picture-shows-a-secret",
        "the secret of a login provider that stands where its name should is drawn",
        "reconciler/checks/graph.py",
        '        yield key, Source(kind, mask_login(key, logins.get(key, ""))[0])\n',
        "        yield key, Source(kind, key)\n",
        ("tests/e2e/test_misplaced_secrets.py", "-k", "live_pool"),
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
    # Before the installed package; and all examples of properties.
    environment = {**os.environ, "PYTHONPATH": str(copy), "IDPOOL_EXAMPLES": "many"}
    run = subprocess.run(
        command, cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    if run.returncode not in (0, 1):
        sys.exit(f"mutant {mutant.name}: pytest could not run\n{run.stdout}\n{run.stderr}")
    return run.returncode == 1


if __name__ == "__main__":
    sys.exit(main())
