"""Whatever is live: import, then plan, gives nothing but the tags that say whose a pool is."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from reconciler.cli.main import run
from reconciler.live.calls import Limiter, Limits
from reconciler.model.plan import Plan
from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings, UpdateSemantics
from tests.e2e.conftest import client_of
from tests.import_pools.live_states import live_states, make_pool, whole
from tests.strategies import examples
from tests.support.cli import Idpool, aws_environment
from tests.support.in_process import Driver


class Unhurried(Limits):
    """Every call in its turn at once: one example writes one tag, and there are many examples."""

    def of(self, _operation: str) -> Limiter:
        return Limiter()


@dataclass
class World:
    """An account that is empty before each example, and somebody else's client of it."""

    driver: Driver
    client: Any

    def clear(self) -> None:
        """Remove every pool."""
        for pool in self.driver.connection.listing():
            self.client.delete_identity_pool(IdentityPoolId=pool.pool_id)


@pytest.fixture(scope="module", params=get_args(UpdateSemantics))
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """One sandbox for all examples of one behaviour; the environment is that of the command."""
    chosen = SandboxSettings(file=None, update_semantics=request.param)
    with (
        pytest.MonkeyPatch.context() as patch,
        SandboxServer(chosen) as server,
        Driver(server.url) as driver,
    ):
        for name, value in aws_environment(server.url).items():
            if os.environ.get(name) != value:
                patch.setenv(name, value)
        channel = replace(driver.connection.cognito, limits=Unhurried())
        driver.connection = replace(driver.connection, cognito=channel)
        client = client_of(server)
        yield World(driver, client)
        client.close()


def only_ownership(plan: Plan) -> bool:
    """Whether a plan changes nothing but tags with idpool's own prefix, and refuses nothing."""
    edits = [edit for pool in plan.pools for change in pool.changes for edit in change.edits]
    changed = {change.field for pool in plan.pools for change in pool.changes}
    ours = all(str(edit.path[0]).startswith("idpool:") for edit in edits)
    return ours and changed <= {"IdentityPoolTags"} and not list(plan.refusals)


@examples(50)
@given(states=st.lists(live_states(), min_size=4, max_size=4), with_secrets=st.booleans())
def test_what_is_imported_plans_as_its_tags_alone_and_as_nothing_once_applied(
    world: World, states: list[dict[str, Any]], with_secrets: bool
) -> None:
    """200 live states, secrets in the specs or left to AWS; nothing else of a pool is touched."""
    world.clear()
    ids = [make_pool(world.client, state) for state in states]
    before = [whole(world.client, pool_id) for pool_id in ids]
    with TemporaryDirectory() as folder:
        secrets = ["--with-secrets"] if with_secrets else []
        assert run(["import", *ids, "--quiet", "--out", folder, *secrets]) == 0
        files = sorted(Path(folder).iterdir())
        texts = [file.read_text("utf-8") for file in files]
        modes = [file.stat().st_mode & 0o777 for file in files]
    specs = [YAML(typ="safe", pure=True).load(text) for text in texts]

    plan = world.driver.plan(*specs)
    assert only_ownership(plan), (texts, plan)
    assert all(pool.actions for pool in plan.pools)
    world.driver.apply(*specs)

    assert not world.driver.plan(*specs).has_changes, texts
    assert [whole(world.client, pool_id) for pool_id in ids] == before
    logins = [state.get("SupportedLoginProviders", {}) for state in states]
    known = {each["api.twitter.com"] for each in logins if "api.twitter.com" in each}
    private = [any(value in text for value in known) for text in texts]
    assert with_secrets or not any(private)
    assert modes == [0o600 if secret else 0o644 for secret in private]


@settings(max_examples=1, phases=[Phase.generate])
@given(data=st.data())
@pytest.mark.parametrize("semantics", get_args(UpdateSemantics))
def test_a_whole_account_is_imported_planned_and_applied_by_the_command(
    semantics: Any, data: st.DataObject
) -> None:
    """Pools of one account in one go, by the command as users run it."""
    states = data.draw(st.lists(live_states(), min_size=8, max_size=8))
    chosen = SandboxSettings(file=None, update_semantics=semantics)
    with SandboxServer(chosen) as server, TemporaryDirectory() as folder:
        client = client_of(server)
        ids = [make_pool(client, state) for state in states]
        before = [whole(client, pool_id) for pool_id in ids]
        idpool = Idpool(Path(folder), aws_environment(server.url))
        for arguments in (["import", *ids], ["import", *ids]):
            done = idpool.run(*arguments)
            assert done.code == 0, done.text
        assert len(list(Path(folder, "specs").iterdir())) == len(ids)
        tidy = idpool.run("fmt", "--check", "specs")
        assert tidy.code == 0, tidy.text

        planned = idpool.run("plan", "specs", "--format", "json")
        assert planned.code == 0, planned.text
        assert only_ownership(Plan.model_validate(_bare(json.loads(planned.out)))), planned.out
        applied = idpool.run("apply", "specs", "--yes")
        assert applied.code == 0, applied.text
        again = idpool.run("plan", "specs", "--detailed-exitcode")
        assert again.code == 0, again.text
        assert [whole(client, pool_id) for pool_id in ids] == before
        client.close()


def _bare(plan: dict[str, Any]) -> dict[str, Any]:
    return {key: plan[key] for key in ("schemaVersion", "owner", "targets")}
