"""A plan as a report: what is done to each pool, what is refused, and one sentence of counts."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from reconciler.model.base import digest
from reconciler.model.changes import OPERATIONS, Action, Refusal
from reconciler.model.drift import TargetDrift
from reconciler.model.live import identities_in_words
from reconciler.model.plan import Orphan, Plan, PoolPlan, TargetPlan, UnreadPlan
from reconciler.model.pool import Pool
from reconciler.model.project import NAME_TAG, Target
from reconciler.model.secrets import mask_half
from reconciler.reports.access_lines import accesses
from reconciler.reports.escape import escape, name
from reconciler.reports.field_text import changes_lines, why_irreversible
from reconciler.reports.lines import Sign, Style, Text, counted, dim, indented, line, plural, strong
from reconciler.reports.sections import Entry, Report, ReportPlace

_VERBS: Mapping[str, tuple[Sign, str]] = {
    "create": ("+", "create"),
    "update": ("~", "update"),
    "delete": ("-", "delete"),
    "refuse": ("!", "refused"),
    "keep": ("=", "unchanged"),
}
_GONE: tuple[Sign, str] = ("=", "gone already")
_WORDS = {"create": "to create", "update": "to update", "delete": "to delete", "refuse": "refused"}


def plan_report(plan: Plan, *, verbose: bool = False) -> Report:
    """What an apply would do; ``verbose``: with the pools without changes, and the digests."""
    targets = tuple(each.target for each in plan.targets)
    entries = tuple(_entries(plan, verbose=verbose))
    return Report("plan", plan, plan.owner, _summary(plan), targets, entries, verbose=verbose)


def rollback_report(plan: Plan, *, verbose: bool = False) -> Report:
    """As of any plan, but that nothing is to do means something else: no spec was asked."""
    report = plan_report(plan, verbose=verbose)
    if plan.has_changes or any(plan.refusals):
        return report
    as_before = any(plan.pools)
    why = "Live is as it was before the run." if as_before else "The run changed nothing here."
    return replace(report, summary=line(strong("Nothing to take back."), f" {why}"))


def all_as_specified(plan: Plan) -> str:
    """``5 pools are as the specs say.``"""
    count = len(list(plan.pools))
    where = f" in {len(plan.targets)} targets" if len(plan.targets) > 1 else ""
    match count:
        case 0:
            return "There are no specs to apply."
        case 1:
            return f"1 pool{where} is as its spec says."
        case _:
            return f"{count} pools{where} are as the specs say."


def call_in_words(action: Action) -> str:
    """The API operation that an action sends, and for which provider."""
    about = f" {name(mask_half(action.provider))}" if action.kind == "SetPrincipalTags" else ""
    return OPERATIONS[action.kind] + about


def _summary(plan: Plan) -> Text:
    """``Plan: 2 to create, 1 to update, 1 refused, 14 unchanged.``, or that nothing is to do."""
    if plan.has_changes or any(plan.refusals):
        return line(strong(f"Plan: {_counts(plan)}."), _extras(plan))
    return line(strong("No changes."), f" {all_as_specified(plan)}", _extras(plan))


def _counts(plan: Plan) -> str:
    counts: Counter[str] = Counter(pool.verb for pool in plan.pools)
    shown = [f"{counts[verb]} {words}" for verb, words in _WORDS.items() if counts[verb]]
    shown += stopped_counts(plan.targets)
    shown += [f"{counts['keep']} unchanged"] if counts["keep"] else []
    return ", ".join(shown)


def _extras(plan: Plan) -> str:
    """What should not be overlooked: what is irreversible, and what belongs to nobody."""
    forever = sum(c.irreversible for p in plan.pools if p.actions for c in p.changes)
    shown = counted((forever, "change", "cannot be undone")) + orphan_counts(plan.targets)
    return f" {', '.join(shown)}." if shown else ""


def _entries(plan: Plan, *, verbose: bool) -> Iterator[Entry]:
    is_calm = not (plan.has_changes or any(plan.refusals))
    for each in plan.targets:
        entries = [
            *stopped_entries(each.target, each.refusals, each.unread),
            *(_pool_entry(pool, each.target, verbose=verbose) for pool in each.pools),
            *orphan_entries(each.target, each.orphans),
        ]
        yield from entries
        if not is_calm and all(entry.is_quiet and not verbose for entry in entries):
            yield _rest(each)


def _rest(target: TargetPlan) -> Entry:
    count = len(target.pools)
    told = f"no changes in {plural(count, 'pool')}" if count else "no spec goes here"
    return Entry("rest", "=", "unchanged", (ReportPlace(target.target),), lines=(dim(told),))


def _pool_entry(pool: PoolPlan, target: Target, *, verbose: bool) -> Entry:
    is_gone = pool.verb == "keep" and pool.pool_id is None
    sign, verb = _GONE if is_gone else _VERBS[pool.verb]
    changed = dict.fromkeys(name(change.field) for change in pool.changes if pool.live)
    details = tuple(_details(pool)) if verbose else ()
    return Entry(
        kind="pool",
        sign=sign,
        verb=verb,
        name=pool.name,
        places=(ReportPlace(target, pool.pool_id, details),),
        rule=f"change/{pool.verb}" if pool.actions else "",
        source=pool.source,
        refusals=pool.refusals,
        notices=pool.notices,
        doubts=tuple(each for each in pool.findings if verbose or each.severity != "note"),
        losses=tuple(_losses(pool)),
        fields=tuple(changed),
        access=accesses(pool.access),
        lines=tuple(_lines(pool)),
        is_quiet=pool.verb == "keep" and not pool.notices,
        plan=pool,
    )


def _losses(pool: PoolPlan) -> Iterator[str]:
    """What can never be taken back once the pool's actions are done, a sentence each."""
    if pool.refusals:
        return
    yield from _deletion_losses(pool)
    for change in pool.changes:
        if change.irreversible:
            why = why_irreversible(change)
            yield f"{escape(change.field)}: {why}" if why else escape(change.field)


def _deletion_losses(pool: PoolPlan) -> Iterator[str]:
    """What is lost with a pool that is deleted: its live name says whether it is the one meant."""
    for action in pool.actions:
        if action.kind == "DeletePool" and pool.live is not None:
            lost = "and every identity in it are" if action.identities else "is"
            holds = identities_in_words(action.identities)
            live = name(pool.live.IdentityPoolName)
            yield f"the live pool {live} {holds}: its id {lost} lost"


def _lines(pool: PoolPlan) -> Iterator[Text]:
    for each in pool.notices:
        yield line(("note: ", Style.CHANGE), escape(each.message), dim(f" [{escape(each.rule)}]"))
    if pool.verb == "keep":
        return
    for loss in _deletion_losses(pool):
        yield line((f"cannot be undone: {loss}", Style.REFUSE))
    if pool.refusals:
        yield from _held_back_lines(pool)
    elif pool.live is None:  # there is no old value to show
        yield from changes_lines(pool.changes, before=None)
    else:
        yield from changes_lines(pool.changes)
    yield from _calls_lines(pool.actions)


def _held_back_lines(pool: PoolPlan) -> list[Text]:
    """What else would change; of a pool that is not there that would be all of it."""
    if pool.live is None or not pool.changes:
        return []
    lines = changes_lines(pool.changes, irreversible=False)
    return [dim("not applied:"), *indented(lines, by=2)]


def _calls_lines(actions: Iterable[Action]) -> list[Text]:
    """What will be sent, in the order of sending; the same call in a row is counted."""
    sent = groupby(OPERATIONS[action.kind] for action in actions)
    calls = [(call, len(list(group))) for call, group in sent]
    shown = [call if count == 1 else f"{call} x{count}" for call, count in calls]
    return [dim("calls: " + ", ".join(shown))] if shown else []


def _details(pool: PoolPlan) -> Iterator[Text]:
    """What is left alone, and the digests of what the plan saw and wants, to compare plans by."""
    sides: tuple[tuple[str, Pool | None], ...] = (("live", pool.live), ("desired", pool.desired))
    digests = {side: digest(p.model_dump(mode="json")) for side, p in sides if p is not None}
    if digests.get("live") == digests.get("desired"):
        digests.pop("desired", None)
    alone = [*pool.ignored.fields, *(f"tags {tag}" for tag in pool.ignored.tags)]
    if alone:
        yield dim(f"ignored: {', '.join(map(escape, alone))}")
    yield from (dim(f"{side} {text}") for side, text in digests.items())


def stopped_entries(
    target: Target, refusals: tuple[Refusal, ...], unread: Iterable[UnreadPlan]
) -> Iterator[Entry]:
    """What is refused and belongs to no spec: the whole target, pools that could not be read."""
    if refusals:
        yield Entry("target", "!", "refused", (ReportPlace(target),), refusals=refusals)
    for each in unread:
        places = (ReportPlace(target, each.pool_id),)
        refused = (each.refusal,)
        yield Entry("unread", "!", "unreadable", places, each.pool_name, refusals=refused)


def orphan_entries(
    target: Target, orphans: Iterable[Orphan], rule: str = "", problems: tuple[str, ...] = ()
) -> Iterator[Entry]:
    """Pools that are ours by their tags and that no spec describes."""
    for each in orphans:
        places = (ReportPlace(target, each.pool_id),)
        about = f"{NAME_TAG}={name(each.spec_name)}" if each.spec_name else ""
        yield Entry(
            "orphan", "?", "orphan", places, each.pool_name, rule, about=about, problems=problems
        )


def stopped_counts(targets: Sequence[TargetPlan | TargetDrift]) -> list[str]:
    """``1 target refused``, ``2 pools unreadable``."""
    refused = sum(bool(target.refusals) for target in targets)
    unread = sum(len(target.unread) for target in targets)
    return counted((refused, "target", "refused"), (unread, "pool", "unreadable"))


def orphan_counts(targets: Iterable[TargetPlan | TargetDrift]) -> list[str]:
    """``2 orphans``, in a list that is empty where there are none."""
    orphans = sum(len(target.orphans) for target in targets)
    return [plural(orphans, "orphan")] if orphans else []
