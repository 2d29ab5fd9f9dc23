"""The way that iam-policy goes: which targets, which roles, which permissions.  Only the order."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.loader import find_project, load_project, load_specs
from reconciler.model.errors import UsageProblem
from reconciler.model.grant import ANY, Grant, Place
from reconciler.model.lock import lock_place
from reconciler.model.notify import Receiver
from reconciler.model.permissions import Use, permissions_for
from reconciler.model.project import Project, Target
from reconciler.model.spec import Spec

_PARTITION = re.compile(r"aws(-[a-z]+)*")
_PLAN = frozenset({Use.READ})
_USES = {
    "plan": _PLAN,
    "apply": _PLAN | {Use.WRITE, Use.LOCK},
    "drift": _PLAN,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options ask for.  ``partition`` is ``None`` where regions decide."""

    job: str
    who: bool = False
    topic: str | None = None
    delete: bool = False
    any_role: bool = False
    caller: bool = False
    user_pools: bool = False
    partition: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The project, the targets that are meant, the specs as far as they could be found."""

    project: Project
    targets: tuple[Target, ...]
    specs: tuple[Spec, ...] | None


def subject_of(
    specs: Sequence[Path] | None, project_file: Path | None, targets: Sequence[str]
) -> Subject:
    """Read what there is: a policy is wanted before the first spec is written, too.

    Raises ``InvalidSpecs``, and ``UsageProblem`` for an unknown target.
    """
    from reconciler.cli.workflow import chosen_targets

    found = project_file or find_project(Path.cwd())
    project = load_project(found) if found else Project()
    paths = list(specs or ()) or [Path(path) for path in project.specs if Path(path).exists()]
    chosen = tuple(chosen_targets(project, targets))
    loaded = load_specs(paths, project).specs if paths else None
    return Subject(project, chosen, None if loaded is None else _going_to(chosen, loaded))


def grant_of(wanted: Wanted, subject: Subject, partition_of: Callable[[str], str]) -> Grant:
    """What is to be allowed.  Raises ``UsageProblem`` for options that do not go together."""
    _check(wanted, subject.targets)
    topics = (_topic(wanted.topic),) if wanted.topic else ()
    roles = tuple(dict.fromkeys(t.role_arn for t in subject.targets if t.role_arn))
    if wanted.caller:
        uses = frozenset({Use.ASSUME, Use.NOTIFY})
        return Grant(permissions=permissions_for(uses), topics=topics, target_roles=roles)
    places = tuple(_places(wanted, subject, partition_of))
    return Grant(permissions=permissions_for(_uses(wanted)), places=places, topics=topics)


def remarks(wanted: Wanted, subject: Subject, grant: Grant) -> Iterator[str]:
    """What a reader of the policy has to know, a sentence each."""
    if any(ANY in (place.account, *place.regions) for place in grant.places):
        yield "It names any account and any region: there is no idpool.yaml that names targets."
    if len(grant.places) > 1:
        yield "It is for several accounts; --target NAME prints the part of one."
    if not wanted.caller and any(target.role_arn for target in subject.targets):
        yield "It is for the targets' roles; --caller prints the policy of who assumes them."
    if any(place.any_role for place in grant.places) and not wanted.any_role:
        yield "Every role may be passed: no specs were found that say which."
    tombstones = [s for s in subject.specs or () if s.lifecycle.delete]
    if tombstones and not (wanted.delete or wanted.caller):
        yield f"{tombstones[0].source.file} is a tombstone, and needs --with-delete."


def _check(wanted: Wanted, targets: Sequence[Target]) -> None:
    if wanted.job != "drift" and (wanted.who or wanted.topic):
        raise UsageProblem(
            "--who and --notify-topic are of drift", hint="idpool iam-policy drift takes them"
        )
    if wanted.partition and not _PARTITION.fullmatch(wanted.partition):
        raise UsageProblem("--partition names no partition", hint="it is aws, aws-cn, aws-us-gov")
    assumed = [target for target in targets if target.role_arn]
    if wanted.caller and not assumed:
        raise UsageProblem(
            "--caller is for who assumes the targets' roles, and no target has a roleArn",
            hint="leave it out: one role does everything",
        )
    if wanted.topic and len(assumed) == len(targets) and not wanted.caller:
        raise UsageProblem(
            "SNS is not called with a target's role, but by who assumes it",
            hint="pass --notify-topic with --caller",
        )


def _uses(wanted: Wanted) -> frozenset[Use]:
    uses = set(_USES[wanted.job])
    if wanted.who:
        uses.add(Use.WHO)
    if wanted.topic:
        uses.add(Use.NOTIFY)
    if wanted.user_pools:
        uses.add(Use.NAMES)
    if wanted.delete:
        uses |= {Use.TOMBSTONE, Use.DELETE} if wanted.job == "apply" else {Use.TOMBSTONE}
    return frozenset(uses)


def _topic(arn: str) -> str:
    if not Receiver(kind="sns", address=arn).region:
        raise UsageProblem(
            "--notify-topic: this is not the ARN of an SNS topic",
            hint="write arn:aws:sns:REGION:ACCOUNT:NAME",
        )
    return arn


def _places(
    wanted: Wanted, subject: Subject, partition_of: Callable[[str], str]
) -> Iterator[Place]:
    """One place for each account, its targets together."""
    accounts: dict[tuple[str, str], list[Target]] = {}
    for target in subject.targets:
        known = partition_of(target.region) if target.region and not wanted.partition else None
        key = (wanted.partition or known or "aws", target.account or ANY)
        accounts.setdefault(key, []).append(target)
    for (partition, account), targets in accounts.items():
        yield Place(
            account=account,
            partition=partition,
            regions=tuple(dict.fromkeys(target.region or ANY for target in targets)),
            passed_roles=_passed_roles(_going_to(targets, subject.specs or ())),
            any_role=wanted.any_role or subject.specs is None,
            lock_objects=tuple(_lock_objects(subject.project, partition, targets)),
        )


def _going_to(targets: Sequence[Target], specs: Iterable[Spec]) -> tuple[Spec, ...]:
    return tuple(s for s in specs if any(s.goes_to(target.name) for target in targets))


def _passed_roles(specs: Iterable[Spec]) -> tuple[str, ...]:
    """The roles that the pools of these specs hand out, sorted."""
    pools = [spec.pool for spec in specs if not spec.lifecycle.delete]
    mappings = [mapping for pool in pools for mapping in (pool.RoleMappings or {}).values()]
    roles = {role for pool in pools for role in (pool.Roles or {}).values()}
    return tuple(sorted(roles | {rule.RoleARN for m in mappings for rule in m.Rules}))


def _lock_objects(project: Project, partition: str, targets: Iterable[Target]) -> Iterator[str]:
    for target in targets if project.lock else ():
        place = lock_place(project.lock or "", target.name)
        yield f"arn:{partition}:s3:::{place.bucket}/{place.key}"
