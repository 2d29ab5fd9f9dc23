"""A spec takes over a pool: one line of its file, two tags of the pool, and nothing else."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from reconciler.sandbox.server import SandboxServer
from tests.drift.conftest import ClientOf, client_of, project
from tests.e2e.conftest import Account, account, idpool, sandbox
from tests.import_pools.live_states import whole
from tests.support.cli import ACCOUNT, Idpool, Result
from tests.support.specs import document, yaml_of

__all__ = ["account", "client_of", "idpool", "sandbox"]

ODD = """\
%YAML 1.2
---
# The shop: ask jane before a change.
apiVersion: 'idpool/v1'  # the format
kind:   IdentityPool

metadata:
      # stable
      name:   shop      # never change this
      # a comment below

spec:
      IdentityPoolName: "shop"   # quoted, because we like it
      IdentityPoolTags: { team: shop }   # flow
---
{apiVersion: idpool/v1, kind: IdentityPool, metadata: {name: flow}, spec: {IdentityPoolName: flow}}
"""


@dataclass
class Adopting:
    """The command, on specs/."""

    idpool: Idpool
    result: Result = field(default_factory=lambda: Result(0, "", ""))

    def __call__(self, *arguments: str, code: int = 0) -> None:
        """Run it."""
        self.result = self.idpool.run("adopt", *arguments)
        assert self.result.code == code, self.result.text

    def changed(self, before: str, file: str = "specs/odd.yaml") -> list[str]:
        """The lines that are new; every other line must be as it was."""
        old, new = before.splitlines(True), self.text(file).splitlines(True)
        assert [line for line in new if line in old] == old
        return [line for line in new if line not in old]

    def text(self, file: str = "specs/odd.yaml") -> str:
        """What is in a file, line ends as they are."""
        return (self.idpool.folder / file).read_bytes().decode()


@pytest.fixture
def adopt(idpool: Idpool) -> Adopting:
    """The command in a project."""
    idpool.write("idpool.yaml", project())
    return Adopting(idpool)


@pytest.fixture
def shop(account: Account) -> str:
    """The id of a pool that somebody else has made."""
    return account.create("shop", IdentityPoolTags={"team": "shop"}, AllowClassicFlow=True)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_only_one_line_of_the_file_is_new(adopt: Adopting, shop: str, newline: str) -> None:
    """Comments, indentation, quotes, line ends and mode stay; a second time nothing happens."""
    before = ODD.replace("\n", newline)
    file = adopt.idpool.folder / "specs/odd.yaml"
    file.parent.mkdir()
    file.write_bytes(before.encode())
    file.chmod(0o640)

    adopt(f"shop={shop}")
    assert adopt.changed(before) == [f"      adopt: {shop}{newline}"]
    assert file.stat().st_mode & 0o777 == 0o640
    assert adopt.result.out == ""
    after, written = file.read_bytes(), file.stat().st_mtime_ns
    adopt(f"shop={shop}", f"shop={shop}")
    assert "adopts already" in adopt.result.err
    assert (file.read_bytes(), file.stat().st_mtime_ns) == (after, written)


def test_applying_adds_two_tags_and_nothing_else_that_the_plan_does_not_show(
    adopt: Adopting, account: Account, shop: str
) -> None:
    """What the spec leaves to AWS's default differs, and is shown."""
    adopt.idpool.write("specs/odd.yaml", ODD)
    flow = account.create("other name")
    before = whole(account.client, shop)
    adopt(f"shop={shop}", f"flow={flow}")
    plan = json.loads(adopt.idpool.run("plan", "--format", "json").out)
    pools = {pool["name"]: pool for pool in plan["targets"][0]["pools"]}
    changes = {n: [c["field"] for c in pool["changes"]] for n, pool in pools.items()}
    assert changes == {
        "shop": ["AllowClassicFlow", "IdentityPoolTags"],
        "flow": ["IdentityPoolName", "IdentityPoolTags"],
    }
    assert adopt.idpool.run("apply", "--yes").code == 0
    assert whole(account.client, shop) == {**before, "AllowClassicFlow": False}
    ours = {"idpool:owner": "default", "idpool:name": "shop"}
    assert account.describe(shop)["IdentityPoolTags"] == {"team": "shop", **ours}
    assert adopt.idpool.run("plan", "--detailed-exitcode").code == 0
    adopt(f"shop={shop}")


def test_diff_shows_and_writes_nothing(adopt: Adopting, shop: str) -> None:
    """Secrets near the line are masked."""
    secret = {"SupportedLoginProviders": {"api.twitter.com": "key;s3cr3t"}}
    adopt.idpool.write("specs/odd.yaml", yaml_of(document("shop", secret)))
    before = adopt.text()
    adopt(f"shop={shop}", "--diff")
    new = [line for line in adopt.result.out.splitlines() if line.startswith("+ ")]
    assert [shop in line for line in new] == [False, True]  # the line before it gets a comma
    assert adopt.text() == before
    assert "s3cr3t" not in adopt.result.text


def test_another_id_takes_the_place_of_the_one_that_is_there(
    adopt: Adopting, account: Account, shop: str
) -> None:
    """A slip is put right by running it again."""
    other = account.create("other")
    head = document("shop", metadata={"adopt": other})
    adopt.idpool.write("specs/odd.yaml", yaml_of(head))
    before = adopt.text()
    adopt(f"shop={shop}")
    assert adopt.text() == before.replace(other, shop)


@pytest.fixture
def regions(adopt: Adopting, client_of: ClientOf) -> dict[str, str]:
    """A project with two targets, and the ids of a pool in each."""
    places = {"eu": "eu-west-1", "us": "us-east-1"}
    targets = {name: {"account": ACCOUNT, "region": region} for name, region in places.items()}
    adopt.idpool.write("idpool.yaml", project(targets=targets))
    return {
        name: client_of(region=region).create_identity_pool(
            IdentityPoolName="shop", AllowUnauthenticatedIdentities=False
        )["IdentityPoolId"]
        for name, region in places.items()
    }


def test_with_several_targets_the_id_stands_beside_the_target_that_has_it(
    adopt: Adopting, regions: dict[str, str]
) -> None:
    """One after the other, or both at once."""
    adopt.idpool.write("specs/odd.yaml", ODD)
    adopt(f"shop={regions['us']}")
    lines = ["      adopt:\n", f"            us: {regions['us']}\n"]
    assert adopt.changed(ODD) == lines
    adopt(f"shop={regions['eu']}", f"shop={regions['us']}")
    assert adopt.changed(ODD) == [*lines, f"            eu: {regions['eu']}\n"]
    adopt.idpool.write("specs/odd.yaml", yaml_of(document("shop")))
    adopt(f"shop={regions['eu']}", f"shop={regions['us']}")
    assert adopt.idpool.run("apply", "--yes").code == 0
    assert adopt.idpool.run("plan", "--detailed-exitcode").code == 0


def test_a_pool_in_a_target_that_the_spec_does_not_go_to_is_not_adopted(
    adopt: Adopting, regions: dict[str, str]
) -> None:
    """Nor in one that --target leaves out."""
    adopt.idpool.write("specs/odd.yaml", yaml_of(document("shop", metadata={"targets": ["eu"]})))
    before = adopt.text()
    adopt(f"shop={regions['us']}", code=1)
    assert "the pool is in target us, and the spec does not go there" in adopt.result.err
    adopt(f"shop={regions['eu']}", "--target", "us", code=1)
    assert "no such pool in target us" in adopt.result.err
    assert adopt.text() == before
    adopt(f"shop={regions['eu']}", "--target", "eu")


def test_two_pools_for_one_spec_in_one_target_are_a_usage_error(
    adopt: Adopting, account: Account, shop: str
) -> None:
    """One of the two ids is a mistake."""
    adopt.idpool.write("specs/odd.yaml", ODD)
    adopt(f"shop={shop}", f"shop={account.create('second')}", code=64)
    assert adopt.text() == ODD


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"idpool:owner": "acme", "idpool:name": "shop"}, "belongs to owner 'acme'"),
        ({"idpool:owner": "default", "idpool:name": "flow"}, "is the pool of spec 'flow'"),
    ],
)
def test_a_pool_of_another_owner_or_spec_is_refused_and_nothing_is_written(
    adopt: Adopting, account: Account, shop: str, tags: dict[str, str], reason: str
) -> None:
    """Not even for the pair that could be."""
    adopt.idpool.write("specs/odd.yaml", ODD)
    adopt.idpool.write("specs/third.yaml", yaml_of(document("third")))
    third = adopt.text("specs/third.yaml")
    taken = account.create("taken", IdentityPoolTags=tags)
    adopt(f"third={shop}", f"shop={taken}", code=3)
    assert adopt.text("specs/third.yaml") == third
    assert reason in adopt.result.err
    assert "Nothing was written" in adopt.result.err
    assert adopt.text() == ODD


def test_two_specs_do_not_adopt_one_pool(adopt: Adopting, shop: str) -> None:
    """Whether both are named now or one says so already."""
    adopt.idpool.write("specs/odd.yaml", ODD)
    adopt(f"shop={shop}", f"flow={shop}", code=3)
    assert adopt.text() == ODD
    adopt(f"shop={shop}")
    adopt(f"flow={shop}", code=3)
    assert "is claimed by the specs" in adopt.result.err


def test_a_pool_that_is_not_there_is_an_error(adopt: Adopting, shop: str) -> None:
    """The ids are to be found by idpool import."""
    adopt.idpool.write("specs/odd.yaml", ODD)
    adopt("shop=eu-west-1:00000000-0000-0000-0000-000000000000", f"flow={shop}", code=1)
    assert "there is no such pool in target default" in adopt.result.err
    assert "idpool import" in adopt.result.err
    assert adopt.text() == ODD


@pytest.mark.parametrize(
    "pair", ["shop", "shop=", "=eu-west-1:0f1e2d3c", "shop=\x1b[31m:1", "shop=eu-west-1:XYZ"]
)
def test_what_is_no_pair_is_a_usage_error(adopt: Adopting, pair: str) -> None:
    """Before AWS is asked."""
    adopt(pair, code=64)
    assert "is no NAME=ID" in adopt.result.err
    assert "\x1b" not in adopt.result.text


def test_an_unknown_spec_is_a_usage_error(adopt: Adopting, shop: str) -> None:
    """Those that there are are named."""
    adopt.idpool.write("specs/odd.yaml", ODD)
    adopt(f"shoop={shop}", code=64)
    assert "the specs are: shop, flow" in adopt.result.err


def test_a_tombstone_adopts_nothing(adopt: Adopting, shop: str) -> None:
    """A wrong id would be deleted in one step: whoever deletes a pool has had it first."""
    text = yaml_of(document("shop", lifecycle={"delete": True}))
    adopt.idpool.write("specs/odd.yaml", text)
    adopt(f"shop={shop}", code=3)
    assert "only a pool that is ours already is deleted" in adopt.result.err
    assert adopt.text() == text


def test_a_file_that_may_not_be_written_is_left_as_it_is(
    adopt: Adopting, shop: str, tmp_path: Path
) -> None:
    """A hard link would keep the old text under its other name."""
    file = adopt.idpool.write("specs/odd.yaml", ODD)
    (tmp_path / "other-name").hardlink_to(file)
    adopt(f"shop={shop}", code=1)
    assert "is left as it is" in adopt.result.err
    assert adopt.text() == ODD


def test_of_two_files_none_is_written_where_one_cannot_be(
    adopt: Adopting, account: Account, shop: str, tmp_path: Path
) -> None:
    """All pairs or none: the second file is looked at before the first is written."""
    other = account.create("other")
    texts = {}
    for name in ("shop", "other"):
        text = yaml_of(document(name))
        texts[f"specs/{name}.yaml"] = text
        adopt.idpool.write(f"specs/{name}.yaml", text)
    (tmp_path / "other-name").hardlink_to(adopt.idpool.folder / "specs/other.yaml")
    for pairs in ((f"shop={shop}", f"other={other}"), (f"other={other}", f"shop={shop}")):
        adopt(*pairs, code=1)
        assert {file: adopt.text(file) for file in texts} == texts


def test_an_account_that_the_project_does_not_name_is_an_error(
    adopt: Adopting, shop: str, sandbox: SandboxServer
) -> None:
    """As a plan would be refused."""
    assert sandbox.url
    adopt.idpool.write("specs/odd.yaml", ODD)
    elsewhere = {"account": "999999999999", "region": "eu-west-1"}
    adopt.idpool.write("idpool.yaml", project(targets={"eu": elsewhere}))
    adopt(f"shop={shop}", code=1)
    assert "999999999999" in adopt.result.err
    assert adopt.text() == ODD
