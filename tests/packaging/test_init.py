"""``idpool init``: what it writes, what it leaves alone, and what it does not let in."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.packaging.pipeline_files import FROM, STARTERS, read_yaml
from tests.support.cli import Idpool

ROLE = "arn:aws:iam::111122223333:role/idpool"
COMMON = ["idpool.yaml", "specs/example.yaml"]
GITHUB = [f".github/workflows/idpool-{name}.yml" for name in ("plan", "apply", "drift")]
FORKS = [f".github/workflows/idpool-{name}.yml" for name in ("validate", "plan-forks")]
GITLAB = [".gitlab-ci.yml", ".gitlab/idpool.yml"]
INSTALLED = [".github/idpool/idpool.txt", ".github/idpool/needs.txt"]


@pytest.fixture
def idpool(tmp_path: Path) -> Idpool:
    """The command in a folder whose name could be an owner."""
    folder = tmp_path / "shop"
    folder.mkdir()
    return Idpool(folder)


def files(folder: Path) -> dict[str, bytes]:
    """Everything in a folder, with its content."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def owner_of(idpool: Idpool) -> str:
    return str(read_yaml(idpool.folder / "idpool.yaml")["owner"])


def remote(idpool: Idpool, url: str) -> None:
    """A repository with a remote of its own making: git says what is in .git/config."""
    for arguments in (["init", "--quiet"], ["remote", "add", "origin", url]):
        subprocess.run(["git", *arguments], cwd=idpool.folder, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["github"], COMMON + GITHUB + INSTALLED),
        (["github", "--forks"], COMMON + GITHUB + FORKS + INSTALLED),
        (["gitlab"], COMMON + GITLAB + [name.replace("hub", "lab") for name in INSTALLED]),
    ],
)
def test_it_writes_valid_files_and_names_them(
    words: list[str], expected: list[str], idpool: Idpool
) -> None:
    result = idpool.run("init", *FROM, *words)
    assert result.code == 0, result.text
    assert result.out.splitlines() == [*expected, ".gitignore"]
    assert set(files(idpool.folder)) == {*expected, ".gitignore"}
    assert "Owner: shop\nNext:\n  1. " in result.err
    checked = idpool.run("validate", "--strict")
    assert (checked.code, checked.out) == (0, "1 spec valid.\n")


@pytest.mark.parametrize("host", ["github", "gitlab"])
def test_the_example_can_be_planned_and_applied_at_once(host: str, idpool: Idpool) -> None:
    words = ["--account", "123456789012", "--region", "eu-west-1"]
    assert idpool.run("init", *FROM, host, *words).code == 0
    applied = idpool.run("apply", "--sandbox", "--yes")
    assert applied.code == 0, applied.text
    assert "Applied: 1 done." in applied.out


@pytest.mark.parametrize("host", ["github", "gitlab"])
def test_a_second_run_writes_nothing(host: str, idpool: Idpool) -> None:
    assert idpool.run("init", *FROM, host).code == 0
    before = files(idpool.folder)
    again = idpool.run("init", *FROM, host)
    assert (again.code, again.out) == (0, "")
    assert "kept" not in again.err
    assert files(idpool.folder) == before


def test_what_is_there_and_differs_is_kept_and_named(idpool: Idpool) -> None:
    """All of it in one go; the rest is written."""
    idpool.write("idpool.yaml", "mine")
    idpool.write(GITHUB[1], "mine, too")
    result = idpool.run("init", *FROM, "github")
    assert result.code == 0, result.text
    written = ["specs/example.yaml", GITHUB[0], GITHUB[2], *INSTALLED, ".gitignore"]
    assert result.out.splitlines() == written
    kept = [line.partition(": ")[0] for line in result.err.splitlines() if "kept" in line]
    assert kept == ["kept idpool.yaml", f"kept {GITHUB[1]}"]
    assert files(idpool.folder)["idpool.yaml"] == b"mine"


def test_force_overwrites_what_differs_and_nothing_else(idpool: Idpool) -> None:
    assert idpool.run("init", *FROM, "github").code == 0
    before = files(idpool.folder)
    idpool.write("idpool.yaml", "mine")
    idpool.write("specs/other.yaml", "mine")
    result = idpool.run("init", *FROM, "github", "--force")
    assert result.out == "idpool.yaml\n"
    assert files(idpool.folder) == {**before, "specs/other.yaml": b"mine"}


def test_a_repository_with_specs_gets_no_example(idpool: Idpool) -> None:
    """It would be a pool that nobody has asked for."""
    idpool.write("specs/deep/shop.yml", "mine")
    result = idpool.run("init", *FROM, "github")
    assert "specs/example.yaml" not in files(idpool.folder)
    assert "specs/example.yaml" not in result.out


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b".idpool/\n"),
        (b"/build/\n", b"/build/\n.idpool/\n"),
        (b"/build/", b"/build/\n.idpool/\n"),
        (b"a\r\n", b"a\r\n.idpool/\n"),
        (b"a\n/.idpool/\nb\n", b"a\n/.idpool/\nb\n"),
        (b"\xff\n", b"\xff\n"),
    ],
)
def test_gitignore_gets_a_line_if_it_needs_one(before: bytes, after: bytes, idpool: Idpool) -> None:
    path = idpool.folder / ".gitignore"
    path.write_bytes(before)
    result = idpool.run("init", *FROM, "github")
    assert path.read_bytes() == after
    assert (".gitignore" in result.out) == (before != after)
    assert ("kept .gitignore" in result.err) == (before == b"\xff\n")


@pytest.mark.parametrize("name", ["idpool.yaml", ".gitignore", GITHUB[0]])
def test_no_link_is_followed_or_replaced(name: str, idpool: Idpool, tmp_path: Path) -> None:
    """Not even with --force; everything else is written, and the problem is told."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("theirs")
    link = idpool.folder / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(elsewhere)
    result = idpool.run("init", *FROM, "github", "--force")
    assert result.code == 1
    assert f"{name} cannot be written: it is not a regular file" in result.err
    assert elsewhere.read_text() == "theirs"
    assert link.is_symlink()
    written = {*COMMON, *GITHUB, *INSTALLED, ".gitignore"} - {name}
    assert set(result.out.split()) == written


def test_every_file_that_cannot_be_written_is_told(idpool: Idpool) -> None:
    idpool.write("specs", "a file")
    idpool.write(".github", "a file")
    result = idpool.run("init", *FROM, "github")
    assert result.code == 1
    assert result.err.count("error: ") == 6
    assert set(result.out.split()) == {"idpool.yaml", ".gitignore"}
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    ("url", "owner"),
    [
        ("git@github.com:acme/identity.git", "acme/identity"),
        ("https://github.com/acme/identity", "acme/identity"),
        ("https://jane:ghp_hush@github.example:8443/acme/identity.git/", "acme/identity"),
        ("ssh://git@gitlab.example:22/acme/platform/identity.git", "acme/platform/identity"),
        ("/srv/git/identity.git", "shop"),
        ("../identity", "shop"),
        ("file:///srv/git/identity.git", "shop"),
        ("https://github.com/acme/id$(id)", "shop"),
    ],
)
def test_the_owner_is_guessed_from_the_remote(url: str, owner: str, idpool: Idpool) -> None:
    """What is no name for a tag, or no name that others would know, is not taken."""
    remote(idpool, url)
    result = idpool.run("init", *FROM, "github")
    assert result.code == 0, result.text
    assert owner_of(idpool) == owner
    assert "hush" not in result.text
    told = [name for name, text in files(idpool.folder).items() if b"hush" in text]
    assert all(name == ".git/config" for name in told)


def test_the_remote_is_that_of_the_repository_around(idpool: Idpool) -> None:
    """Of its remotes the one called origin; and pipelines would not be read in this folder."""
    other = ["remote", "add", "upstream", "git@github.com:other/place.git"]
    for arguments in (["init", "--quiet"], other):
        subprocess.run(["git", *arguments], cwd=idpool.folder, check=True, capture_output=True)
    remote(idpool, "git@github.com:acme/identity.git")
    result = idpool.run("init", *FROM, "github", "--folder", "deep/er")
    assert read_yaml(idpool.folder / "deep/er/idpool.yaml")["owner"] == "acme/identity"
    assert result.out.splitlines()[0] == "deep/er/idpool.yaml"
    assert f"GitHub reads pipelines in {idpool.folder} only" in result.err


def test_a_worktree_has_the_remote_of_its_repository(idpool: Idpool, tmp_path: Path) -> None:
    remote(idpool, "git@github.com:acme/identity.git")
    author = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    for words in (["commit", "--allow-empty", "-qm", "x"], ["worktree", "add", "-q", "../tree"]):
        command = ["git", *author, *words]
        subprocess.run(command, cwd=idpool.folder, check=True, capture_output=True)
    tree = Idpool(tmp_path / "tree")
    assert tree.run("init", *FROM, "github").code == 0
    assert owner_of(tree) == "acme/identity"


@pytest.mark.parametrize("name", ["a'b\"c", "a\nb", "{{x}}", "${{ secrets.X }}", "\x1b[31m", "ä"])
def test_a_folder_whose_name_is_no_owner_is_asked_about(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    result = Idpool(tmp_path).run("init", *FROM, "github", "--folder", str(folder))
    assert result.code == 64
    assert "give --owner" in result.err
    assert files(folder) == {}
    assert "\x1b" not in result.text
    given = Idpool(tmp_path).run("init", *FROM, "github", "--folder", str(folder), "--owner", "x")
    assert given.code == 0, given.text
    assert "\x1b" not in given.text
    assert len(given.out.splitlines()) == len(COMMON + GITHUB + INSTALLED) + 1


@pytest.mark.parametrize("owner", ["- a: @b", "yes", "0123", "a: b", "1e3", "@OWNER@", " x "])
def test_an_owner_that_yaml_would_read_otherwise_is_quoted(owner: str, idpool: Idpool) -> None:
    assert idpool.run("init", *FROM, "github", "--owner", owner).code == 0
    assert owner_of(idpool) == owner
    assert idpool.run("validate").code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--owner", ""], ["give --owner"]),
        (["--owner", "a\nb: c"], ["--owner 'a\\nb: c'"]),
        (["--owner", 'x" #'], ["--owner"]),
        (["--owner", "x" * 257], ["--owner"]),
        (["--account", "12", "--region", "eu west"], ["--account '12'", "--region 'eu west'"]),
        (["--account", "111122223333"], ["--account needs --region"]),
        (["--role-arn", "arn:aws:iam::111122223333:role/${{x}}"], ["--role-arn"]),
        (["--role-arn", f"{ROLE}\nenv:"], ["--role-arn"]),
        (["--role-arn", "arn:aws:iam::111122223333:user/x"], ["--role-arn"]),
        (
            ["--role-arn", ROLE, "--account", "444455556666", "--region", "eu-west-1"],
            ["of another account than --account 444455556666"],
        ),
        (["--owner", "", "--region", "x", "--role-arn", "y"], ["--owner", "--region", "--role"]),
    ],
)
def test_what_cannot_be_is_refused_all_at_once(
    words: list[str], told: list[str], idpool: Idpool
) -> None:
    result = idpool.run("init", *FROM, "github", *words)
    assert result.code == 64, result.text
    assert all(part in result.err for part in told), result.err
    assert result.err.count("error: ") == 1
    assert files(idpool.folder) == {}


def test_forks_are_githubs(idpool: Idpool) -> None:
    result = idpool.run("init", *FROM, "gitlab", "--forks")
    assert result.code == 64
    assert "--forks is for github" in result.err


def test_what_was_said_is_filled_in(idpool: Idpool) -> None:
    """The account is the role's; nothing that stands for a value is left."""
    result = idpool.run(
        "init", *FROM, "github", "--role-arn", ROLE, "--region", "eu-west-1", "--forks"
    )
    project = read_yaml(idpool.folder / "idpool.yaml")
    assert project["targets"] == {"main": {"account": "111122223333", "region": "eu-west-1"}}
    for name in (*GITHUB, *FORKS):
        env = read_yaml(idpool.folder / name).get("env", {})
        known = {"ROLE": ROLE, "REGION": "eu-west-1"}
        assert env == {key: known[key] for key in env}
    assert not [n for n, text in files(idpool.folder).items() if re.search(rb'"@[A-Z]+@"', text)]
    assert "idpool-forks (WITH reviewers)" in result.err


def test_without_account_and_region_there_is_no_target(idpool: Idpool) -> None:
    assert idpool.run("init", *FROM, "gitlab").code == 0
    assert read_yaml(idpool.folder / "idpool.yaml")["targets"] == {}
    variables = read_yaml(idpool.folder / ".gitlab/idpool.yml")[".idpool"]["variables"]
    assert (variables["IDPOOL_ROLE"], variables["IDPOOL_REGION"]) == ("", "")


def test_the_files_are_those_of_the_package(idpool: Idpool) -> None:
    """One source: all that init adds to it are the values."""
    assert idpool.run("init", *FROM, "github", "--owner", "x").code == 0
    for name in GITHUB:
        source = (STARTERS / "github" / Path(name).name).read_text()
        written = (idpool.folder / name).read_text()
        for place in ("ROLE", "REGION"):
            source = source.replace(f'"@{place}@"', '""')
        assert written == source


def test_quiet_says_no_more_than_what_was_written(idpool: Idpool) -> None:
    result = idpool.run("init", *FROM, "github", "--quiet")
    assert (result.code, result.err) == (0, "")
    assert len(result.out.splitlines()) == len(COMMON + GITHUB + INSTALLED) + 1


TARGETS = ["--targets", "prod-eu,prod-us,dev-eu"]


@pytest.mark.parametrize(
    ("words", "also"), [([], []), (["github", *FROM], [*GITHUB, *INSTALLED])], ids=["alone", "host"]
)
def test_targets_begin_a_project_with_a_spec_for_all_of_them(
    words: list[str], also: list[str], idpool: Idpool
) -> None:
    """A reference and an overlay, and it is valid before anything was filled in."""
    result = idpool.run("init", *words, *TARGETS)
    assert result.code == 0, result.text
    assert result.out.splitlines() == [*COMMON, *also, ".gitignore"]
    assert "fill in account and region" in result.err
    assert [*read_yaml(idpool.folder / "idpool.yaml")["targets"]] == TARGETS[1].split(",")
    checked = idpool.run("validate", "--strict")
    assert (checked.code, checked.out) == (0, "1 spec valid.\n")
    rendered = idpool.run("render", "--target", "prod-eu").out
    assert "IdentityPoolName: example-prod-eu  # <- example-${target.name}" in rendered
    assert "# <- perTarget.prod-eu specs/example.yaml:" in rendered
    planned = idpool.run("apply", "--sandbox", "--yes")
    assert planned.code == 0, planned.text
    assert "Applied: 3 done." in planned.out


def test_a_target_that_was_not_filled_in_names_no_account_of_anybody(idpool: Idpool) -> None:
    """Two targets may not be one place, so each has a number of its own."""
    assert idpool.run("init", *TARGETS).code == 0
    targets = read_yaml(idpool.folder / "idpool.yaml")["targets"]
    assert [each["account"] for each in targets.values()] == [
        "000000000001",
        "000000000002",
        "000000000003",
    ]


def test_the_region_is_that_of_every_target(idpool: Idpool) -> None:
    assert idpool.run("init", "--targets", "a, b", "--region", "eu-north-1").code == 0
    targets = read_yaml(idpool.folder / "idpool.yaml")["targets"]
    assert {name: each["region"] for name, each in targets.items()} == {
        "a": "eu-north-1",
        "b": "eu-north-1",
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "name github or gitlab"),
        (["--targets", "a,b c"], "--targets: 'b c' is no name of a target"),
        (["--targets", "a,,b"], "--targets: '' is no name of a target"),
        (["--targets", ""], "--targets: '' is no name of a target"),
        (["--targets", "a,b,a"], "--targets names a twice"),
        (["--targets", "a", "--account", "111122223333"], "--account is of one target"),
        (["--targets", "a", "--forks"], "--forks is for github"),
    ],
)
def test_targets_that_cannot_be_are_refused(words: list[str], told: str, idpool: Idpool) -> None:
    """Before anything is written."""
    result = idpool.run("init", *words)
    assert result.code == 64
    assert told in result.err
    assert files(idpool.folder) == {}
