"""The pipe without the process around it: the same rooms, over the same HTTP."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from reconciler.executor.execution import execute
from reconciler.executor.journal import Notes
from reconciler.live.aws import Aws
from reconciler.live.reader import read_chosen, read_wanted
from reconciler.live.retry import Budget
from reconciler.model.findings import Source
from reconciler.model.live import LeftCreate
from reconciler.model.plan import Plan
from reconciler.model.project import Project, Target
from reconciler.model.receipt import Receipt
from reconciler.model.spec import PoolDocument, Spec
from reconciler.planner.planning import plan_target, wants


class Driver:
    """Plans and applies documents against one sandbox."""

    def __init__(self, url: str, project: Project | None = None, **settings: Any) -> None:
        """``settings`` are those of ``Aws``; ``lists``: the first page is asked for at once."""
        self.project = project or Project(targets=(Target(name="default"),))
        lists = settings.pop("lists", False)
        chosen = {"parallelism": 4, "budget": Budget(), **settings}
        self.workers = ThreadPoolExecutor(chosen["parallelism"])
        self.aws = Aws(sandbox_url=url, **chosen)
        self.connection = self.aws.open(self.project.targets[0], lists=lists)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.aws.close()
        self.workers.shutdown()

    def plan(self, *documents: Mapping[str, Any], left: Sequence[LeftCreate] = ()) -> Plan:
        """Read and plan; ``left`` is what journals tell."""
        specs = [
            Spec(source=Source(file="test.yaml"), document=PoolDocument.model_validate(document))
            for document in documents
        ]
        live = read_chosen(self.connection, None, self.workers, lambda *_: None, left)
        wanted = wants(specs, live, self.project)
        live = read_wanted(self.connection, live, wanted, self.workers)
        target = plan_target(specs, live, self.project)
        plan = Plan(owner=self.project.owner, targets=(target,))
        self.specs = specs
        self.seen = {live.target.name: live}
        return plan

    def execute(self, plan: Plan, notes: Notes | None = None) -> Receipt:
        """Apply a plan that was made before."""
        connections = {self.connection.target.name: self.connection}
        return execute(plan, connections, self.seen, self.workers, notes)

    def apply(self, *documents: Mapping[str, Any]) -> Receipt:
        """Plan and apply; every action must end well."""
        receipt = self.execute(self.plan(*documents))
        assert all(action.outcome == "done" for action in receipt.actions), receipt
        return receipt
