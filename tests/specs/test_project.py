"""The project file: found, loaded, and refused with places and fixes."""

import os
from pathlib import Path

import pytest

from reconciler.model.errors import InvalidSpecs
from reconciler.specs.project import find_project, load_project
from tests.specs.conftest import FindingsOf
from tests.specs.texts import HEAD, PROJECT
from tests.support.cli import Idpool


def test_a_project_file_is_found_from_below(tmp_path: Path) -> None:
    """In the folder itself or the nearest above it."""
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    assert find_project(below) is None
    (tmp_path / "idpool.yaml").touch()
    assert find_project(below) == tmp_path / "idpool.yaml"
    (below / "idpool.yaml").touch()
    assert find_project(below) == below / "idpool.yaml"
    (below / "shop.yaml").touch()
    assert find_project(below / "shop.yaml") == below / "idpool.yaml"


def test_without_a_repository_the_folder_and_the_one_above_count(tmp_path: Path) -> None:
    """Farther up is somebody else's: a home folder, a shared /tmp."""
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (tmp_path / "idpool.yaml").touch()
    assert find_project(below) is None
    assert find_project(tmp_path / "a") == find_project(tmp_path) == tmp_path / "idpool.yaml"


def test_the_search_goes_by_the_path_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link is a place of its own; only a ``..`` behind one leads to where the link leads."""
    for name in ("here", "there"):
        (tmp_path / name / "specs").mkdir(parents=True)
        (tmp_path / name / "idpool.yaml").touch()
    (tmp_path / "here" / "link").symlink_to(tmp_path / "there" / "specs")
    monkeypatch.chdir(tmp_path / "here")
    assert find_project(Path("link")) == Path("idpool.yaml")
    assert find_project(Path("link/../specs")) == Path("../there/idpool.yaml")
    assert find_project(Path("../there/specs")) == Path("../there/idpool.yaml")


def test_a_project_file_that_cannot_be_read_is_found(tmp_path: Path) -> None:
    """Passed over it would make another owner of everybody; a folder is no file."""
    (tmp_path / "idpool.yaml").mkdir()
    assert find_project(tmp_path) is None
    below = tmp_path / "below"
    below.mkdir()
    (below / "idpool.yaml").symlink_to("nowhere")
    assert find_project(below) == below / "idpool.yaml"


def test_the_search_ends_at_the_repository(tmp_path: Path) -> None:
    """A .git folder, or the .git file of a worktree."""
    inner = tmp_path / "repository"
    inner.mkdir()
    (tmp_path / "idpool.yaml").touch()
    (inner / ".git").touch()
    assert find_project(inner) is None


def test_the_search_ends_at_the_root() -> None:
    """Without a repository, at the root of the file system."""
    assert find_project(Path(os.sep)) is None


def test_a_relative_start_gives_a_relative_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Findings then name the file as the user would."""
    (tmp_path / "idpool.yaml").touch()
    monkeypatch.chdir(tmp_path)
    assert find_project(Path()) == Path("idpool.yaml")


def test_a_project_loads(tmp_path: Path) -> None:
    """Spec paths are joined to the folder of the file."""
    path = tmp_path / "idpool.yaml"
    path.write_text(PROJECT, encoding="utf-8")
    project = load_project(path)
    assert project.owner == "acme/identity"
    assert project.specs == (str(tmp_path / "specs"), str(tmp_path / "more.yaml"))
    assert [target.name for target in project.targets] == ["prod-eu", "prod-us"]
    assert project.targets[0].role_arn == "arn:aws:iam::123456789012:role/x"
    assert project.ignore_tags == ("cost:*",)


def test_a_project_without_targets_goes_to_the_ambient_one(tmp_path: Path) -> None:
    """The least that a project file can say."""
    path = tmp_path / "idpool.yaml"
    path.write_text("apiVersion: idpool/v1\nkind: Project\nowner: a\n", encoding="utf-8")
    assert [target.name for target in load_project(path).targets] == ["default"]


@pytest.mark.parametrize(
    ("old", "new", "place", "rule", "message", "fix"),
    [
        (
            '"123456789012", region: us',
            "123456789012, region: us",
            "7:22",
            "wrong-type",
            "",
            "quote",
        ),
        (
            '"123456789012", region: us',
            "'1111', region: us",
            "7:22",
            "wrong-format",
            "",
            "12 digits",
        ),
        (
            '"123456789012", region: us',
            "1234-5678-9012, region: us",
            "7:22",
            "wrong-format",
            "no AWS account",
            'write "123456789012"',
        ),
        ("region: us-east-1", "region: us-east-1a", "7:46", "wrong-format", "", '"us-east-1"'),
        (
            "region: us-east-1",
            "region: Virginia",
            "7:46",
            "wrong-format",
            "no AWS region",
            "eu-west",
        ),
        ("us-east-1", "eu-west-1", "7:3", "duplicate-target", '"prod-eu"', "remove one"),
        ("acme/identity", "'a*'", "3:8", "wrong-format", "cannot be the value of a tag", "write"),
        ("acme/identity", "''", "3:8", "too-short", "is empty", "write"),
        (
            "owner: acme/identity\n",
            "owner: a\nformerOwners: [b, a]\n",
            "4:19",
            "former-owner",
            '"a" is the present owner',
            "name the owner of before",
        ),
        ("owner: acme/identity\n", "", "1:1", "missing-field", '"owner"', "add owner: "),
        ("cost:*", "*", "8:14", "ignores-own-tags", '"*"', "narrower"),
        ("cost:*", "idpool:x", "8:14", "ignores-own-tags", "idpool:owner", "narrower"),
        ("cost:*", "??pool:own*", "8:14", "ignores-own-tags", "", "narrower"),
        ("prod-us:", "-prod:", "7:3", "wrong-format", '"-prod"', "letter or digit first"),
        ("role/x", "user/x", "6:66", "wrong-format", "not the ARN of an IAM role", "role/NAME"),
        ("roleArn", "role_arn", "6:57", "unknown-field", '"role_arn"', '"roleArn"'),
        ("specs: [specs/, more.yaml]", "specs: []", "4:1", "too-few", "is empty", "add one"),
        ("kind: Project", "kind: Projekt", "2:7", "kind", '"Projekt"', "kind: Project"),
        ("acme/identity", "${x}", "3:8", "wrong-format", "", ""),
    ],
)
def test_a_wrong_project_file_is_refused(  # noqa: PLR0917 - a row of the table
    old: str,
    new: str,
    place: str,
    rule: str,
    message: str,
    fix: str,
    project_findings_of: FindingsOf,
) -> None:
    """One finding with its place and its fix."""
    (finding,) = project_findings_of(PROJECT.replace(old, new))
    assert (finding.place, finding.rule) == (f"idpool.yaml:{place}", rule)
    assert message in finding.message
    assert fix in finding.fix


def test_a_spec_is_no_project_file(project_findings_of: FindingsOf) -> None:
    """The message says what it is."""
    (finding,) = project_findings_of(HEAD)
    assert (finding.rule, "this is a spec" in finding.message) == ("kind", True)


def test_a_template_is_no_project_file(project_findings_of: FindingsOf) -> None:
    """What is foreign to specs is foreign here."""
    (finding,) = project_findings_of("Resources: {}")
    assert finding.rule == "kind"


def test_a_project_file_holds_one_document(project_findings_of: FindingsOf) -> None:
    """Nobody could say which one counts."""
    (finding,) = project_findings_of(f"{PROJECT}---\n{PROJECT}")
    assert (finding.rule, finding.line) == ("one-project", 10)


def test_a_project_file_that_is_not_there(tmp_path: Path) -> None:
    """The same finding as for a spec."""
    with pytest.raises(InvalidSpecs) as raised:
        load_project(tmp_path / "idpool.yaml")
    assert raised.value.findings[0].rule == "not-found"


@pytest.mark.parametrize("region", ["eusc-de-east-1", "us-gov-west-1", "cn-north-1"])
def test_regions_of_every_partition_are_known(region: str, tmp_path: Path) -> None:
    """Nothing is said of them."""
    path = tmp_path / "idpool.yaml"
    path.write_text(PROJECT.replace("eu-west-1", region), encoding="utf-8")
    assert load_project(path).warnings == ()


def test_a_region_that_is_not_known_is_a_warning_with_the_nearest(tmp_path: Path) -> None:
    """It may be a new one, so every command goes on; what has no region's form is an error."""
    idpool = Idpool(tmp_path)
    project = PROJECT.replace(", more.yaml", "")
    idpool.write("idpool.yaml", project.replace("eu-west-1", "eu-wst-1"))
    idpool.write("specs/a.yaml", HEAD)
    result = idpool.run("validate")
    assert result.code == 0
    assert 'warning: targets.prod-eu.region: no region "eu-wst-1"' in result.err
    assert 'fix: did you mean "eu-west-1"?' in result.err
    assert idpool.run("validate", "--strict").code == 1
    idpool.write("idpool.yaml", project.replace("eu-west-1", "xx-west-1"))
    result = idpool.run("validate")
    assert result.code == 1
    assert '"xx-west-1" has the form of no AWS region' in result.err
