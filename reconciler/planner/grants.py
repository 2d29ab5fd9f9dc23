"""What a job is to be allowed, and where: from targets and specs to a grant."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from reconciler.model.lock import lock_place
from reconciler.model.partitions import partition_of
from reconciler.model.permissions import (
    ANY,
    Grant,
    PolicyScope,
    ReadArn,
    Scope,
    Use,
    permissions_for,
)
from reconciler.model.project import Project, Target
from reconciler.model.spec import Spec
from reconciler.specs.completion import OpenSpec, names_to_read
from reconciler.specs.references import read_name, state_in

# What a use of references needs names of.
_READ = {
    Use.PARAMETERS: Scope.PARAMETER,
    Use.SECRETS: Scope.SECRET_VALUE,
    Use.STACKS: Scope.STACK,
    Use.STATES: Scope.STATE,
}
_PLAN = frozenset({Use.READ})
_USES = {
    "plan": _PLAN,
    "apply": _PLAN | {Use.WRITE, Use.LOCK},
    "drift": _PLAN,
    "check": _PLAN | {Use.ROLES},
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
    specs: tuple[Spec | OpenSpec, ...] | None

    @property
    def complete(self) -> tuple[Spec, ...]:
        """The specs of which everything is known."""
        return tuple(each for each in self.specs or () if isinstance(each, Spec))

    @property
    def open(self) -> tuple[OpenSpec, ...]:
        """Those that refer to what AWS has."""
        return tuple(each for each in self.specs or () if isinstance(each, OpenSpec))


def grant_of(wanted: Wanted, subject: PolicySubject) -> Grant:
    """What is to be allowed."""
    topics = (wanted.topic,) if wanted.topic else ()
    roles = tuple(dict.fromkeys(t.role_arn for t in subject.targets if t.role_arn))
    if wanted.caller:
        uses = frozenset({Use.ASSUME, Use.NOTIFY})
        return Grant(permissions=permissions_for(uses), topics=topics, target_roles=roles)
    places = tuple(_places(wanted, subject))
    uses = _uses(wanted) | {use for use, scopes in _READ.items() if _any_read(places, scopes)}
    if _reads_user_pools(subject):
        uses |= {Use.USER_POOLS}
    return Grant(permissions=permissions_for(uses), places=places, topics=topics)


def _any_read(places: Iterable[PolicyScope], scope: Scope) -> bool:
    return any(place.read.get(scope) for place in places)


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
            passed_roles=_passed_roles(going_to(targets, subject.complete)),
            any_role=wanted.any_role
            or subject.specs is None
            or _has_unknown_role(subject, targets),
            lock_objects=tuple(_lock_objects(subject.project, partition, targets)),
            read=_read(subject, targets, partition),
            suffix=partition_of(targets[0].region).suffix,
        )


def _has_unknown_role(subject: PolicySubject, targets: Sequence[Target]) -> bool:
    """Whether pools may hand out roles whose names only AWS knows."""
    return subject.specs is None or bool(going_to(targets, subject.open))


def _reads_user_pools(subject: PolicySubject) -> bool:
    pairs = ((spec, target) for target in subject.targets for spec in subject.open)
    return any(
        {"userPool", "userPoolClient"} & names_to_read(spec, target, subject.project).keys()
        for spec, target in pairs
        if spec.goes_to(target.name)
    )


def _read(
    subject: PolicySubject, targets: Sequence[Target], partition: str
) -> dict[Scope, tuple[ReadArn, ...]]:
    """What the specs' references read in these targets."""
    found: dict[Scope, dict[ReadArn, None]] = {}
    for target in targets:
        for spec in going_to([target], subject.open):
            for scheme, names in names_to_read(spec, target, subject.project).items():
                for name in sorted(names):
                    for scope, arn in _arns(scheme, name, target, subject.project, partition):
                        found.setdefault(scope, {})[arn] = None
    return {scope: tuple(arns) for scope, arns in found.items()}


def _arns(
    scheme: str, name: str, target: Target, project: Project, partition: str
) -> Iterator[tuple[Scope, ReadArn]]:
    what = read_name(scheme, name)
    place = f"{target.region or ANY}:{target.account or ANY}"
    match scheme:
        case "ssm":
            bare = what.removeprefix("/")
            yield Scope.PARAMETER, ReadArn(f"arn:{partition}:ssm:{place}:parameter/", bare)
        case "secret":  # AWS ends the ARN of a secret in six signs of its own
            head = f"arn:{partition}:secretsmanager:{place}:secret:"
            yield Scope.SECRET_VALUE, ReadArn(head, what, "-??????")
        case "stack":
            head = f"arn:{partition}:cloudformation:{place}:stack/"
            yield Scope.STACK, ReadArn(head, what, "/*")
        case "terraform":
            state = state_in(what, target, project)
            if state.credentials == "target":
                place = state.state.removeprefix("s3://")
                yield Scope.STATE, ReadArn(f"arn:{partition}:s3:::", place)


_S = TypeVar("_S", Spec, OpenSpec, Spec | OpenSpec)


def going_to(targets: Sequence[Target], specs: Iterable[_S]) -> tuple[_S, ...]:
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
