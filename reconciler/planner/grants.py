"""What a job is to be allowed, and where: from targets and specs to a grant."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

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
from reconciler.specs.completion import OpenSpec, names_in_test, names_to_read
from reconciler.specs.pool_tests import PoolTest
from reconciler.specs.references import Unread, read_name, state_in

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
    "simulate": _PLAN,
    "test": _PLAN,
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
    """The project, the targets that are meant, the specs as far as they could be found.

    ``tests``: those of pools that are to be run.
    """

    project: Project
    targets: tuple[Target, ...]
    specs: tuple[Spec | OpenSpec, ...] | None
    tests: tuple[PoolTest, ...] = ()

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
    if wanted.caller:
        return _of_caller(wanted, subject, topics)
    places = tuple(_places(wanted, subject))
    uses = _uses(wanted) | {use for use, scopes in _READ.items() if _any_read(places, scopes)}
    if _reads_user_pools(subject):
        uses |= {Use.USER_POOLS}
    return Grant(permissions=permissions_for(uses), places=places, topics=topics)


def _of_caller(wanted: Wanted, subject: PolicySubject, topics: tuple[str, ...]) -> Grant:
    """What is done with the credentials of the run where targets have roles."""
    assumed = [target for target in subject.targets if target.role_arn]
    tagged = [target for target in assumed if subject.project.session_in(target.name).tags]
    read = _by_scope(each for each in _read(wanted, subject, assumed) if each.is_of_run)
    uses = {Use.ASSUME, Use.SESSION_TAGS, Use.NOTIFY, Use.STATES}
    return Grant(
        permissions=permissions_for(uses),
        # Buckets are of no account or region.
        places=(PolicyScope(account="", regions=(), read=read),) if read else (),
        topics=topics,
        target_roles=_roles_of(assumed),
        tagged_roles=_roles_of(tagged),
    )


def _roles_of(targets: Iterable[Target]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(t.role_arn for t in targets if t.role_arn))


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
            read=_by_scope(e for e in _read(wanted, subject, targets) if not e.is_of_run),
            suffix=partition_of(targets[0].region).suffix,
        )


def _has_unknown_role(subject: PolicySubject, targets: Sequence[Target]) -> bool:
    """Whether pools may hand out roles whose names only AWS knows."""
    return subject.specs is None or bool(going_to(targets, subject.open))


def _reads_user_pools(subject: PolicySubject) -> bool:
    return any(
        scheme in {"userPool", "userPoolClient"}
        for target in subject.targets
        for scheme, _ in _names(subject, target)
    )


class _Read(NamedTuple):
    """What a reference reads; ``is_of_run``: with the run's credentials, not the target's role."""

    scope: Scope
    arn: ReadArn
    is_of_run: bool = False


def _names(subject: PolicySubject, target: Target) -> Iterator[tuple[str, str]]:
    """What the references of specs, and of tests, read in a target, by scheme and name."""
    project = subject.project
    found = [names_to_read(spec, target, project) for spec in going_to([target], subject.open)]
    with suppress(Unread):  # the ambient target's account is any
        here = (test for test in subject.tests if test.goes_to(target.name))
        found += [names_in_test(test, target, project) for test in here]
    for each in found:
        for scheme, names in each.items():
            yield from ((scheme, name) for name in sorted(names))


def _read(wanted: Wanted, subject: PolicySubject, targets: Iterable[Target]) -> Iterator[_Read]:
    """What the specs' references read in these targets."""
    for target in targets:
        partition = wanted.partition or partition_of(target.region).name
        for scheme, name in _names(subject, target):
            yield from _arns(scheme, name, target, subject.project, partition)


def _by_scope(reads: Iterable[_Read]) -> dict[Scope, tuple[ReadArn, ...]]:
    found: dict[Scope, dict[ReadArn, None]] = {}
    for each in reads:
        found.setdefault(each.scope, {})[each.arn] = None
    return {scope: tuple(arns) for scope, arns in found.items()}


def _arns(
    scheme: str, name: str, target: Target, project: Project, partition: str
) -> Iterator[_Read]:
    what = read_name(scheme, name)
    place = f"{target.region or ANY}:{target.account or ANY}"
    match scheme:
        case "ssm":
            bare = what.removeprefix("/")
            yield _Read(Scope.PARAMETER, ReadArn(f"arn:{partition}:ssm:{place}:parameter/", bare))
        case "secret":  # AWS ends the ARN of a secret in six signs of its own
            head = f"arn:{partition}:secretsmanager:{place}:secret:"
            yield _Read(Scope.SECRET_VALUE, ReadArn(head, what, "-??????"))
        case "stack":
            head = f"arn:{partition}:cloudformation:{place}:stack/"
            yield _Read(Scope.STACK, ReadArn(head, what, "/*"))
        case "terraform":
            state = state_in(what, target, project)
            is_of_run = state.credentials == "ambient" and target.role_arn is not None
            arn = ReadArn(f"arn:{partition}:s3:::", state.state.removeprefix("s3://"))
            yield _Read(Scope.STATE, arn, is_of_run)


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
