"""What a job is to be allowed, and where: from targets and specs to a grant."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from reconciler.model.lock import lock_place
from reconciler.model.partitions import partition_of
from reconciler.model.permissions import ANY, Grant, PolicyScope, Use, permissions_for
from reconciler.model.project import Project, Target
from reconciler.model.spec import Spec

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
class PolicySubject:
    """The project, the targets that are meant, the specs as far as they could be found."""

    project: Project
    targets: tuple[Target, ...]
    specs: tuple[Spec, ...] | None


def grant_of(wanted: Wanted, subject: PolicySubject) -> Grant:
    """What is to be allowed."""
    topics = (wanted.topic,) if wanted.topic else ()
    roles = tuple(dict.fromkeys(t.role_arn for t in subject.targets if t.role_arn))
    if wanted.caller:
        uses = frozenset({Use.ASSUME, Use.NOTIFY})
        return Grant(permissions=permissions_for(uses), topics=topics, target_roles=roles)
    places = tuple(_places(wanted, subject))
    return Grant(permissions=permissions_for(_uses(wanted)), places=places, topics=topics)


def _uses(wanted: Wanted) -> frozenset[Use]:
    asked = {
        Use.WHO: wanted.who,
        Use.NOTIFY: wanted.topic,
        Use.NAMES: wanted.user_pools,
        Use.TOMBSTONE: wanted.delete,
        Use.DELETE: wanted.delete and wanted.job == "apply",
    }
    return _USES[wanted.job] | {use for use, is_asked in asked.items() if is_asked}


def _places(wanted: Wanted, subject: PolicySubject) -> Iterator[PolicyScope]:
    """One place for each account, its targets together."""
    accounts: dict[tuple[str, str], list[Target]] = {}
    for target in subject.targets:
        known = partition_of(target.region)
        key = (wanted.partition or known.name, target.account or ANY)
        accounts.setdefault(key, []).append(target)
    for (partition, account), targets in accounts.items():
        yield PolicyScope(
            account=account,
            partition=partition,
            regions=tuple(dict.fromkeys(target.region or ANY for target in targets)),
            passed_roles=_passed_roles(going_to(targets, subject.specs or ())),
            any_role=wanted.any_role or subject.specs is None,
            lock_objects=tuple(_lock_objects(subject.project, partition, targets)),
        )


def going_to(targets: Sequence[Target], specs: Iterable[Spec]) -> tuple[Spec, ...]:
    """The specs that go to one of the targets."""
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
