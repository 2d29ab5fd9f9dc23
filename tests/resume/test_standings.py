"""How far a run had got, read from its entries alone."""

from reconciler.model.changes import CreatePool, DeletePool, SetRoles
from reconciler.model.journal import Ended, JournalEntry, PlannedPool, RunBegins, RunEnds
from reconciler.planner.resumption import is_complete, standings


def _done(action: CreatePool | DeletePool | SetRoles) -> Ended:
    return Ended(at="", target="t", name="n", pool_id="x:1", action=action, outcome="done")


def test_a_pool_that_was_left_to_its_twin_is_not_finished() -> None:
    """The run that made the twin may not have come to its roles."""
    run = RunBegins(
        at="", plan_digest="", owner="o", pools=(PlannedPool(target="t", name="n", actions=2),)
    )
    finished: list[JournalEntry] = [
        run,
        _done(CreatePool()),
        _done(SetRoles(fields=("Roles",))),
        RunEnds(at=""),
    ]
    yielded: list[JournalEntry] = [run, _done(CreatePool()), _done(DeletePool()), RunEnds(at="")]
    assert is_complete(finished, standings(finished))
    assert not is_complete(yielded, standings(yielded))
