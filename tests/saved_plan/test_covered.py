"""What a saved plan names is opened only where the project's ``specs:`` cover it."""

import json
from pathlib import Path

import pytest

from tests.e2e.conftest import Account
from tests.saved_plan.conftest import Save, reseal, write_spec
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of

PROJECT = "apiVersion: idpool/v1\nkind: Project\nowner: acme/shop\n"
# A plan may say any of these; below specs/ lies what a scan of it does not read, too.
OUTSIDE = {
    "an example": "examples/inert.yaml",
    "a folder of examples": "examples",
    "the whole project": ".",
    "a hidden draft": "specs/.draft.yaml",
    "a hidden folder": "specs/.off",
    "what is no YAML by its name": "specs/shop.yaml.off",
    "a link that leads out": "link",
    "behind a link that leads out": "link/inert.yaml",
    "what is not there": "specs/none.yaml",
    "odd": "examples/\u202e\x1b[2J\n'\"$(x).yaml",
    "long": "x" * 5000,
    "a name of spaces": " ",
    "by another spelling": "specs/./.draft.yaml",
    "the project file": "idpool.yaml",
}


@pytest.fixture
def project(idpool: Idpool) -> Idpool:
    """A project with one spec, and with inert ones in places that its ``specs:`` do not cover."""
    idpool.write("idpool.yaml", PROJECT)
    write_spec(idpool)
    inert = yaml_of(document("inert"))
    odd = OUTSIDE["odd"].removeprefix("examples/")
    for name in (
        f"examples/{odd}",
        "examples/inert.yaml",
        "specs/.draft.yaml",
        "specs/.off/a.yaml",
    ):
        idpool.write(name, inert)
    idpool.write("specs/shop.yaml.off", inert)
    Path(idpool.folder, "link").symlink_to("examples")
    return idpool


def _point_to(path: Path, named: str) -> None:
    data = json.loads(path.read_text())
    data["origin"]["specPaths"] = [named]
    reseal(path, data)


@pytest.mark.parametrize("named", OUTSIDE.values(), ids=OUTSIDE)
def test_a_plan_does_not_say_what_is_opened(
    project: Idpool, account: Account, save: Save, named: str
) -> None:
    """Exit 1 before anything is read, also where the plan would fit."""
    _point_to(save(), named)
    result = project.run("apply", "plan.json")
    assert result.code == 1, result.text
    assert "origin.specPaths[0]: the project's specs: do not cover it" in result.err
    assert "\n  fix: " in result.err
    assert "\x1b" not in result.text
    assert account.pools() == {}


@pytest.mark.parametrize("named", ["examples/inert.yaml", "examples", "specs/.draft.yaml", "link"])
def test_such_a_plan_is_not_even_saved(project: Idpool, named: str) -> None:
    """What apply would not take is told when it can be mended."""
    result = project.run("plan", named, "--out", "plan.json")
    assert result.code == 64, result.text
    assert f"{named} is not among the specs of idpool.yaml" in result.err
    assert not (project.folder / "plan.json").exists()


@pytest.mark.parametrize(
    "named", ["specs", "specs/shop.yaml", "specs/more", "inside", "inside/a.yaml", "out/b.yaml"]
)
def test_what_is_covered_is_applied(project: Idpool, account: Account, named: str) -> None:
    """Files, folders, links to either, and what a link within the specs leads to."""
    project.write("specs/more/a.yaml", yaml_of(document("a")))
    project.write("out/b.yaml", yaml_of(document("b")))
    Path(project.folder, "inside").symlink_to("specs/more")
    Path(project.folder, "specs/linked.yaml").symlink_to("../out/b.yaml")
    planned = project.run("plan", named, "--out", "plan.json")
    result = project.run("apply", "plan.json")
    assert (planned.code, result.code) == (0, 0), planned.text + result.text
    assert account.pools()


def test_a_project_beside_the_plan_is_not_taken(
    project: Idpool, account: Account, save: Save
) -> None:
    """Whoever hands in a plan could hand in a project file, and specs, too."""
    path = save()
    handed = project.write("download/plan.json", path.read_text())
    project.write("download/idpool.yaml", PROJECT + "specs: [mine]\n")
    project.write("download/mine/inert.yaml", yaml_of(document("inert")))
    result = project.run("apply", str(handed))
    assert result.code == 0, result.text
    names = [pool["IdentityPoolName"] for pool in account.pools().values()]
    assert names == ["shop"]


def test_a_spec_in_place_of_the_plan_is_refused(project: Idpool, account: Account) -> None:
    """A pipeline says ``apply plan.json --yes``; whoever writes the file must not say what."""
    project.write("plan.json", yaml_of(document("inert")))
    result = project.run("apply", "plan.json", "--yes")
    assert result.code == 64, result.text
    assert "plan.json is a spec and no saved plan" in result.err
    assert account.pools() == {}
    assert project.run("plan", "plan.json").code == 0


def test_a_spec_in_json_that_the_project_names_is_applied(
    project: Idpool, account: Account
) -> None:
    """Then its owners have said so."""
    project.write("shop.json", yaml_of(document("other")))
    project.write("idpool.yaml", PROJECT + "specs: [specs, shop.json]\n")
    result = project.run("apply", "shop.json", "--yes")
    assert result.code == 0, result.text
    assert len(account.pools()) == 1
