"""Reading pools: what DescribeIdentityPool and its companions answer, in canonical form."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from itertools import chain
from typing import Protocol, TypeVar

from pydantic import ValidationError

from reconciler.live.aws import Connection
from reconciler.live.failures import NOT_FOUND, REPORT, UNFORESEEN, codes, incident, pool_problem
from reconciler.model.errors import AwsProblem, IdpoolError, PoolProblem
from reconciler.model.live import (
    MOST_IDENTITIES,
    LeftCreate,
    ListedPool,
    LivePool,
    LiveTarget,
    ReadProblem,
    UnreadPool,
    Want,
)
from reconciler.model.pool import Pool, canonical_pool
from reconciler.model.pool_values import (
    NO_PRINCIPAL_TAGS,
    PrincipalTagMap,
    canonical_principal_tags,
)

# So many failures without one success are no matter of single pools.
_MANY = 10
_T = TypeVar("_T")
Progress = Callable[[int, int], None]


class Tally:
    """Counts reads of single pools in one target, for threads that read side by side."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._has_read = False
        self._denied = 0
        self._failed = 0
        self._last: PoolProblem | None = None

    def of(self, pool_id: str, read: Callable[[], _T]) -> _T | PoolProblem:
        """What ``read`` gives, or the problem of the one pool that it is about.

        What nobody has foreseen is such a problem, too.  Raises ``AwsProblem`` for what is about
        the target as a whole.
        """
        try:
            answer = read()
        except PoolProblem as found:
            problem = found
        except IdpoolError:
            raise
        except Exception as bug:  # noqa: BLE001 - around one pool: the others are read all the same
            said, target = incident(bug), self._target
            problem = PoolProblem(
                said, code=UNFORESEEN, operation="", target=target, pool_id=pool_id, hint=REPORT
            )
        else:
            with self._lock:
                self._has_read = True
            return answer
        self._count(problem)
        return problem

    def require_one(self) -> None:
        """When all is read: raises ``AwsProblem`` where it was many pools, and all in vain."""
        if self._last and not self._has_read and self._denied + self._failed >= _MANY:
            raise self._of_all(self._last)

    def _count(self, problem: PoolProblem) -> None:
        """A denial is quick, and may be meant for single pools; what fails for long is not."""
        with self._lock:
            self._last = problem
            is_denied = problem.code in codes("denied")
            self._denied += is_denied
            self._failed += not is_denied
            in_vain = self._failed >= _MANY and not self._has_read
        if in_vain:
            raise self._of_all(problem)

    def _of_all(self, problem: PoolProblem) -> AwsProblem:
        return AwsProblem(
            f"target {self._target}: of {_MANY} pools and more none could be read: "
            f"{problem.sentence}",
            code=problem.code,
            operation=problem.operation,
            target=self._target,
            hint=problem.hint,
        )


def _silent(_done: int, _total: int) -> None:
    """No progress is shown."""


def nothing_read(connection: Connection) -> LiveTarget:
    """The target, and which account answered for it: known without reading a pool."""
    return LiveTarget(target=connection.target, expected_account=connection.named_account)


def read_target(
    connection: Connection,
    workers: Executor,
    progress: Progress = _silent,
    known: Sequence[ListedPool] = (),
) -> LiveTarget:
    """Every pool of the target, described; roles and principal tags are not read yet.

    ``known`` are pools that are described whether they are listed or not.

    Pools are described while the next page of the list is under way: pages come one by one, and of
    1,000 pools they would take a tenth of the time.  ``progress`` is told how many of how many
    pools are read.  A pool that cannot be read stops no other.  Raises ``AwsProblem`` for what is
    about the target as a whole.
    """
    listed = chain(chain.from_iterable(connection.listing.pages()), known)
    return read_pools(connection, listed, workers, progress)


def read_pools(
    connection: Connection,
    listed: Iterable[ListedPool],
    workers: Executor,
    progress: Progress = _silent,
) -> LiveTarget:
    """Only these pools of the target, else as ``read_target``."""
    pools = _describe_all(connection, listed, workers, progress)
    return nothing_read(connection).model_copy(
        update={
            "pools": tuple(pool for pool in pools if isinstance(pool, LivePool)),
            "unread": tuple(pool for pool in pools if isinstance(pool, UnreadPool)),
        }
    )


class Choice(Protocol):
    """Which pools somebody has to know."""

    def first(self, listed: Sequence[ListedPool]) -> list[ListedPool]:
        """Those to describe before all others."""

    def is_enough(self, live: LiveTarget) -> bool:
        """Whether nothing depends on the others, now that these are described."""


def read_chosen(
    connection: Connection,
    choice: Choice | None,
    workers: Executor,
    progress: Progress,
    left: Sequence[LeftCreate] = (),
) -> LiveTarget:
    """The chosen pools of the target, or all of them, as ``read_target`` has them.

    Without a choice these are all.  ``left`` are pools that earlier runs have made here: a listing
    may not show them yet, so they are described in any case.  Raises ``AwsProblem``.
    """
    known = [ListedPool(each.pool_id, each.name) for each in left if each.pool_id is not None]
    live = _read_chosen(connection, choice, workers, progress, known)
    return live.model_copy(update={"left": tuple(left)})


def _read_chosen(
    connection: Connection,
    choice: Choice | None,
    workers: Executor,
    progress: Progress,
    known: Sequence[ListedPool],
) -> LiveTarget:
    if choice is None:
        return read_target(connection, workers, progress, known)
    listed = [*chain.from_iterable(connection.listing.pages()), *known]
    listed = list({pool.pool_id: pool for pool in reversed(listed)}.values())
    first = [*choice.first(listed), *known]
    live = read_pools(connection, first, workers, progress)
    if choice.is_enough(live):
        return live
    done = {pool.pool_id for pool in first}
    rest = [pool for pool in listed if pool.pool_id not in done]
    others = read_pools(connection, rest, workers, progress)
    return others.model_copy(
        update={"pools": live.pools + others.pools, "unread": live.unread + others.unread}
    )


def _describe_all(
    connection: Connection, listed: Iterable[ListedPool], workers: Executor, progress: Progress
) -> list[LivePool | UnreadPool | None]:
    """Each pool once, also where a pool moves to the next page while the list is read."""
    tally, reads = Tally(connection.target.name), dict[str, Future[LivePool | UnreadPool | None]]()
    names: dict[str, str] = {}
    pools: dict[str, LivePool | UnreadPool | None] = {}
    try:
        for pool in listed:
            if pool.pool_id not in reads:
                names[pool.pool_id] = pool.name
                reads[pool.pool_id] = workers.submit(_described, connection, pool, tally)
        for done, (pool_id, read) in enumerate(reads.items(), start=1):
            pools[pool_id] = read.result()
            progress(done, len(reads))
    finally:
        for read in reads.values():
            read.cancel()
    tally.require_one()
    missing = [pool_id for pool_id, pool in pools.items() if pool is None]
    for problem in _listed_still(connection, missing):
        pools[problem.pool_id] = _unread(names[problem.pool_id], problem)
    return list(pools.values())


def read_wanted(
    connection: Connection, live: LiveTarget, wants: Iterable[Want], workers: Executor
) -> LiveTarget:
    """``live`` with the roles, principal tags and identities that ``wants`` asks for.

    A pool of which these cannot be read says so.  Raises ``AwsProblem`` as ``read_target`` does.
    """
    wanted, tally = {want.pool_id: want for want in wants}, Tally(connection.target.name)

    def complete(pool: LivePool) -> LivePool:
        want = wanted.get(pool.pool_id)
        return pool if want is None else _completed(connection, pool, want, tally)

    pools = tuple(workers.map(complete, live.pools))
    tally.require_one()
    return live.model_copy(update={"pools": pools})


def describe(connection: Connection, pool_id: str) -> LivePool | None:
    """One pool's settings and tags, or ``None`` when there is no such pool (any more).

    Raises ``AwsProblem``.
    """
    try:
        answer = connection.cognito.read("DescribeIdentityPool", IdentityPoolId=pool_id)
    except AwsProblem as problem:
        if problem.code == NOT_FOUND:
            return None
        raise
    with _of_known_shape(connection, "DescribeIdentityPool", pool_id):
        return LivePool(pool_id=pool_id, pool=canonical_pool(answer))


def require_gone(connection: Connection, pool_ids: Iterable[str]) -> None:
    """What a listing has named and Describe does not find is gone if a second one agrees.

    Raises ``PoolProblem`` for the first that is listed still: it may be anybody's.
    """
    for problem in _listed_still(connection, pool_ids):
        raise problem


def _listed_still(connection: Connection, pool_ids: Iterable[str]) -> list[PoolProblem]:
    wanted = set(pool_ids)
    if not wanted:
        return []
    listed = [pool.pool_id for pool in connection.listing() if pool.pool_id in wanted]
    target = connection.target.name
    return [pool_problem("listed-still", target, pool_id) for pool_id in dict.fromkeys(listed)]


def read_roles(connection: Connection, pool_id: str, pool: Pool) -> Pool:
    """``pool`` with Roles and RoleMappings as GetIdentityPoolRoles answers."""
    answer = connection.cognito.read("GetIdentityPoolRoles", IdentityPoolId=pool_id)
    api = {"Roles": answer.get("Roles") or {}, "RoleMappings": answer.get("RoleMappings") or {}}
    with _of_known_shape(connection, "GetIdentityPoolRoles", pool_id):
        roles = canonical_pool(api)
    return pool.model_copy(update={"Roles": roles.Roles, "RoleMappings": roles.RoleMappings})


def read_principal_tags(connection: Connection, pool_id: str, provider: str) -> PrincipalTagMap:
    """One provider's principal tags; none where AWS knows the provider not, or as one without."""
    try:
        answer = connection.cognito.read(
            "GetPrincipalTagAttributeMap", IdentityPoolId=pool_id, IdentityProviderName=provider
        )
    except AwsProblem as problem:
        # So AWS says that a provider has, or can have, no principal tags; "denied" says neither.
        if problem.code in codes("invalid") | {NOT_FOUND}:
            return NO_PRINCIPAL_TAGS
        raise
    with _of_known_shape(connection, "GetPrincipalTagAttributeMap", pool_id):
        return canonical_principal_tags(answer)


def with_principal_tags(
    connection: Connection, pool_id: str, pool: Pool, providers: Iterable[str]
) -> Pool:
    """``pool`` with the principal tags of these providers; those without any are left out."""
    maps = {name: read_principal_tags(connection, pool_id, name) for name in providers}
    kept = {name: tags for name, tags in sorted(maps.items()) if tags != NO_PRINCIPAL_TAGS}
    return pool.model_copy(update={"PrincipalTagAttributeMaps": kept})


def count_identities(connection: Connection, pool_id: str) -> int | None:
    """How many identities the pool has, disabled ones included; ``MOST_IDENTITIES``: or more.

    ``None`` when there is no such pool (any more).  Raises ``AwsProblem``.
    """
    try:
        answer = connection.cognito.read(
            "ListIdentities",
            IdentityPoolId=pool_id,
            MaxResults=MOST_IDENTITIES,
            HideDisabled=False,
        )
    except AwsProblem as problem:
        if problem.code == NOT_FOUND:
            return None
        raise
    return len(answer.get("Identities") or ())


def _described(
    connection: Connection, listed: ListedPool, tally: Tally
) -> LivePool | UnreadPool | None:
    outcome = tally.of(listed.pool_id, lambda: describe(connection, listed.pool_id))
    return _unread(listed.name, outcome) if isinstance(outcome, PoolProblem) else outcome


def _unread(name: str, problem: PoolProblem) -> UnreadPool:
    return UnreadPool(pool_id=problem.pool_id, pool_name=name, problem=_problem(problem))


def _completed(connection: Connection, live: LivePool, want: Want, tally: Tally) -> LivePool:
    outcome = tally.of(live.pool_id, lambda: _complete(connection, live, want))
    if not isinstance(outcome, PoolProblem):
        return outcome
    return live.model_copy(update={"problem": _problem(outcome)})


def _problem(problem: PoolProblem) -> ReadProblem:
    return ReadProblem(
        operation=problem.operation,
        code=problem.code,
        message=problem.sentence,
        hint=problem.hint,
    )


@contextmanager
def _of_known_shape(connection: Connection, operation: str, pool_id: str) -> Iterator[None]:
    """Whole as it came, an answer may still hold something else than AWS documents.

    Raises ``PoolProblem``.
    """
    try:
        yield
    except (AttributeError, KeyError, RecursionError, TypeError, ValidationError) as odd:
        target = connection.target.name
        raise pool_problem("another-shape", target, pool_id, operation=operation) from odd


def _complete(connection: Connection, live: LivePool, want: Want) -> LivePool:
    pool = live.pool
    if want.roles:
        pool = read_roles(connection, live.pool_id, pool)
    if want.principal_tag_providers is not None:
        providers = want.principal_tag_providers
        pool = with_principal_tags(connection, live.pool_id, pool, providers)
    identities = count_identities(connection, live.pool_id) if want.identities else None
    return live.model_copy(update={"pool": pool, "identities": identities})
