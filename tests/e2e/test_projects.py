"""Which project file counts, wherever the command runs: with the specs goes their owner."""

from pathlib import Path

import pytest

from tests.e2e.conftest import Account
from tests.support.cli import ACCOUNT, Idpool
from tests.support.specs import document, yaml_of

TOLD = "The project file is ../repo/idpool.yaml\n"
READING = {
    "plan": ("plan", "../repo/specs"),
    "apply": ("apply", "../repo/specs", "--yes"),
    "drift": ("drift", "../repo/specs"),
    "validate": ("validate", "../repo/specs"),
    "fmt": ("fmt", "../repo/specs"),
    "pull": ("pull", "--spec", "../repo/specs"),
    "export": ("export", "cloudformation", "../repo/specs", "--target", "one"),
    "iam-policy": ("iam-policy", "apply", "../repo/specs"),
    "import": ("import", "--out", "../repo/specs"),
}


def _project(owner: str = "acme/shop", account: str = ACCOUNT) -> str:
    return (
        f"apiVersion: idpool/v1\nkind: Project\nowner: {owner}\n"
        f'targets:\n  one: {{account: "{account}", region: eu-west-1}}\n'
    )


@pytest.fixture
def elsewhere(idpool: Idpool) -> Idpool:
    """The command in a folder beside the repository ``repo``, which has one spec."""
    idpool.write("repo/idpool.yaml", _project())
    idpool.write("repo/specs/shop.yaml", yaml_of(document("shop")))
    return _inside(idpool, "work")


def _inside(idpool: Idpool, folder: str) -> Idpool:
    place = idpool.folder / folder
    place.mkdir(parents=True, exist_ok=True)
    return Idpool(place, idpool.environment)


def test_specs_named_from_elsewhere_belong_to_the_project_beside_them(
    idpool: Idpool, elsewhere: Idpool, account: Account
) -> None:
    """One owner, one pool, from whatever folder; where it was found is told."""
    first = elsewhere.run("apply", "../repo/specs", "--yes")
    second = _inside(idpool, "repo").run("plan", "--detailed-exitcode")
    assert (first.code, second.code) == (0, 0), first.text + second.text
    assert TOLD in first.err
    assert "The project file" not in second.err
    tags = account.describe(account.only_id())["IdentityPoolTags"]
    assert tags["idpool:owner"] == "acme/shop"


@pytest.mark.parametrize("words", READING.values(), ids=READING)
def test_every_command_that_takes_specs_finds_it(elsewhere: Idpool, words: list[str]) -> None:
    """And says so, unless it is asked to be quiet."""
    assert TOLD in elsewhere.run(*words).err
    assert "The project file" not in elsewhere.run(*words, "--quiet").err


def test_adopt_finds_it(elsewhere: Idpool, account: Account) -> None:
    """Its specs are an option."""
    pair = f"shop={account.create('shop')}"
    result = elsewhere.run("adopt", pair, "--spec", "../repo/specs", "--diff")
    assert result.code == 0, result.text
    assert TOLD in result.err


def test_the_account_of_the_target_is_asked_for(
    idpool: Idpool, elsewhere: Idpool, account: Account
) -> None:
    """As it is in the project's own folder."""
    idpool.write("repo/idpool.yaml", _project(account="999999999999"))
    result = elsewhere.run("apply", "../repo/specs/shop.yaml", "--yes")
    assert result.code == 3, result.text
    assert "[wrong-account]" in result.out
    assert account.pools() == {}


@pytest.mark.parametrize("command", ["plan", "apply --yes", "drift", "export cloudformation"])
def test_specs_of_two_projects_are_not_for_one_run(
    idpool: Idpool, elsewhere: Idpool, account: Account, command: str
) -> None:
    """Also where one of them is no project's: each would have another owner."""
    idpool.write("other/idpool.yaml", _project("acme/other"))
    idpool.write("other/specs/other.yaml", yaml_of(document("other")))
    idpool.write("loose/specs/deep/loose.yaml", yaml_of(document("loose")))
    two = elsewhere.run(*command.split(), "../repo/specs", "../other/specs")
    none = elsewhere.run(*command.split(), "../loose/specs/deep", "../repo/specs")
    assert (two.code, none.code) == (64, 64), two.text + none.text
    assert "../repo/specs is of the project of ../repo/idpool.yaml, and ../other/specs" in two.err
    assert "../loose/specs/deep is of no project" in none.err
    assert account.pools() == {}


def test_the_working_folders_project_is_for_what_has_none(idpool: Idpool) -> None:
    """And the one of --project for whatever is named."""
    idpool.write("repo/idpool.yaml", _project())
    idpool.write("loose/specs/deep/loose.yaml", yaml_of(document("loose")))
    idpool.write("other/idpool.yaml", _project("acme/other"))
    idpool.write("other/specs/other.yaml", yaml_of(document("other")))
    inside = _inside(idpool, "repo")
    assert "owner acme/shop" in inside.run("plan", "../loose/specs/deep", "-v").out
    both = ("../loose/specs/deep", "../other/specs")
    result = inside.run("plan", *both, "--project", "idpool.yaml", "-v")
    assert result.code == 0, result.text
    assert "acme/shop" in result.out
    assert "The project file" not in result.err


def test_validate_and_fmt_take_each_with_its_own(idpool: Idpool, elsewhere: Idpool) -> None:
    """A hook names what was changed, whatever project it is of; all errors at once."""
    goes_to = {"targets": ["two"]}
    idpool.write("other/idpool.yaml", _project("acme/other").replace("one:", "two:"))
    idpool.write("other/specs/other.yaml", yaml_of(document("shop", metadata=goes_to)))
    both = ("../repo/specs/shop.yaml", "../other/specs/other.yaml")
    result = elsewhere.run("validate", *both)
    assert (result.code, result.out) == (0, "2 specs valid.\n"), result.text
    assert elsewhere.run("fmt", "--check", *both).code in (0, 2)
    idpool.write("other/specs/other.yaml", yaml_of(document("shop", metadata={"targets": ["one"]})))
    idpool.write("repo/specs/shop.yaml", yaml_of(document("shop", metadata=goes_to)))
    for command in ("validate", "fmt"):
        wrong = elsewhere.run(command, *both)
        assert wrong.code == 1, wrong.text
        assert all(f"{file}:" in wrong.text for file in both)
        assert wrong.text.count("unknown-target") == 2
    idpool.write("repo/idpool.yaml", "owner: ''")
    idpool.write("other/idpool.yaml", "owner: ''")
    assert "../other/idpool.yaml" in elsewhere.run("validate", *both).text


@pytest.mark.parametrize("command", ["plan", "apply --yes", "validate", "fmt"])
def test_another_project_inside_a_folder_that_is_scanned_is_an_error(
    idpool: Idpool, account: Account, command: str
) -> None:
    """Its specs are another owner's."""
    idpool.write("idpool.yaml", _project())
    idpool.write("specs/shop.yaml", yaml_of(document("shop")))
    idpool.write("specs/vendor/idpool.yaml", _project("acme/vendor"))
    idpool.write("specs/vendor/specs/other.yaml", yaml_of(document("other")))
    verb, *options = command.split()
    result = idpool.run(verb, "specs", *options)
    assert result.code == 1, result.text
    assert "specs/vendor/idpool.yaml:1:1" in result.text
    assert 'the one in use is "idpool.yaml"' in result.text
    assert account.pools() == {}


def test_a_repository_is_not_left(idpool: Idpool, account: Account) -> None:
    """What is above its root is not its project; what is at its root is, from any depth."""
    idpool.write("idpool.yaml", _project("acme/above"))
    (idpool.folder / "repo/.git").mkdir(parents=True)
    deep = _inside(idpool, "repo/a/b/c")
    idpool.write("repo/a/b/c/shop.yaml", yaml_of(document("shop")))
    assert "owner default" in deep.run("plan", "shop.yaml", "-v").out
    idpool.write("repo/idpool.yaml", _project())
    result = deep.run("apply", "shop.yaml", "--yes", "-v")
    assert result.code == 0, result.text
    assert "The project file is ../../../idpool.yaml" in result.err
    tags = account.describe(account.only_id())["IdentityPoolTags"]
    assert tags["idpool:owner"] == "acme/shop"


def test_a_link_counts_where_it_stands(idpool: Idpool, elsewhere: Idpool) -> None:
    """Whoever links specs into a project means them to be that project's."""
    idpool.write("work/idpool.yaml", _project("acme/work"))
    Path(elsewhere.folder, "linked").symlink_to("../repo/specs")
    assert "owner acme/work" in elsewhere.run("plan", "linked", "-v").out
    assert "owner acme/shop" in elsewhere.run("plan", "linked/../specs", "-v").out
