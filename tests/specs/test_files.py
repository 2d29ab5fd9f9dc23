"""Which files are read, and what is said about those that cannot be."""

import os
from pathlib import Path

import pytest

from reconciler.model.errors import InvalidSpecs
from reconciler.model.findings import Finding
from reconciler.model.project import Project
from reconciler.specs.files import read_text, text_of
from reconciler.specs.loading import load_specs
from reconciler.specs.project import load_project
from tests.specs.conftest import TWO_TARGETS, FindingsOf, findings_of_paths
from tests.specs.texts import GOOD, HEAD, PROJECT


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _spec(path: str, name: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(HEAD.replace("name: shop", f"name: {name}"), encoding="utf-8")


def _names(*paths: str) -> list[str]:
    return [spec.name for spec in load_specs([Path(path) for path in paths], Project()).specs]


def test_a_good_spec_loads_with_every_field(tmp_path: Path) -> None:
    """The document is what the text says, and its source is the file as given."""
    Path("good.yaml").write_text(GOOD, encoding="utf-8")
    loaded = load_specs([Path("good.yaml")], TWO_TARGETS)
    (spec,) = loaded.specs
    assert loaded.warnings == ()
    assert (spec.source.file, spec.source.line, spec.name) == ("good.yaml", 2, "storefront")
    assert spec.goes_to("prod-us")
    assert spec.adopted_id("prod-eu") == "eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
    assert spec.adopted_id("prod-us") is None
    mapping = (spec.pool.RoleMappings or {})["graph.facebook.com"]
    assert [rule.Value for rule in mapping.Rules] == ["yes", "2026-01-01"]
    assert spec.lifecycle.ignore_changes == ["CognitoIdentityProviders"]
    assert load_specs([tmp_path / "good.yaml"], TWO_TARGETS).specs[0].source.file == str(
        tmp_path / "good.yaml"
    )


def test_folders_are_read_in_order_and_hidden_ones_not_at_all() -> None:
    """*.yaml and *.yml, sorted, at any depth."""
    for path, name in [
        ("specs/b.yaml", "b"),
        ("specs/a.yml", "a"),
        ("specs/sub/c.yaml", "c"),
        ("specs/.hidden.yaml", "x"),
        ("specs/.git/d.yaml", "y"),
        ("specs/notes.txt", "z"),
    ]:
        _spec(path, name)
    assert _names("specs") == ["a", "b", "c"]


def test_a_file_counts_once_however_often_it_is_named() -> None:
    """By its folder, by itself, and by a link."""
    _spec("specs/a.yaml", "a")
    Path("specs/link.yaml").symlink_to("a.yaml")
    assert _names("specs", "specs/a.yaml", "./specs") == ["a"]


def test_a_named_file_may_have_any_suffix() -> None:
    """Somebody meant it."""
    _spec("spec.txt", "a")
    assert _names("spec.txt") == ["a"]


def test_links_that_lead_back_end() -> None:
    """A folder is walked once."""
    _spec("specs/a.yaml", "a")
    Path("specs/self").symlink_to(".")
    Path("specs/up").symlink_to("..")
    assert _names("specs") == ["a"]


def test_what_is_reached_by_a_link_and_without_counts_once() -> None:
    """A linked folder, a linked file in it, and the folder of both by its real path."""
    _spec("there/a.yaml", "a")
    _spec("there/sub/b.yaml", "b")
    Path("specs").mkdir()
    Path("specs/c.yaml").symlink_to("../there/sub/b.yaml")
    Path("specs/linked").symlink_to("../there")
    assert _names("specs", "there", str(Path("there").resolve())) == ["b", "a"]


def test_a_project_file_among_specs_is_passed_over() -> None:
    """Found in a folder it is no error; named as a spec it is."""
    _spec("a.yaml", "a")
    Path("idpool.yaml").write_text(PROJECT, encoding="utf-8")
    loaded = load_specs([Path()], load_project(Path("idpool.yaml")))
    assert [spec.name for spec in loaded.specs] == ["a"]
    (finding,) = findings_of_paths([Path("idpool.yaml")], Project())
    assert (finding.rule, finding.place) == ("kind", "idpool.yaml:2:7")
    assert "project file" in finding.message


def test_a_pipe_in_a_folder_is_passed_over() -> None:
    """Reading it would never end."""
    _spec("specs/a.yaml", "a")
    os.mkfifo("specs/pipe.yaml")
    assert _names("specs") == ["a"]


def test_another_project_file_among_specs_is_an_error_that_names_both() -> None:
    """What lies beside it is another owner's."""
    _spec("a.yaml", "a")
    Path("idpool.yaml").write_text(PROJECT, encoding="utf-8")
    Path("other").mkdir()
    Path("other/idpool.yaml").write_text(PROJECT, encoding="utf-8")
    (finding,) = findings_of_paths([Path()], load_project(Path("idpool.yaml")))
    assert (finding.rule, finding.place) == ("other-project", "other/idpool.yaml:1:1")
    assert 'the one in use is "idpool.yaml"' in finding.message
    found = findings_of_paths([Path()], Project())
    assert [each.file for each in found] == ["idpool.yaml", "other/idpool.yaml"]
    assert all("the one in use is none" in each.message for each in found)


@pytest.mark.parametrize("content", [None, PROJECT])
def test_a_folder_without_specs_is_an_error(content: str | None) -> None:
    """A typo in a path must not read as "nothing to do"."""
    Path("specs").mkdir()
    project = Project()
    if content:
        Path("specs/idpool.yaml").write_text(content, encoding="utf-8")
        project = load_project(Path("specs/idpool.yaml"))
    (finding,) = findings_of_paths([Path("specs")], project)
    assert (finding.file, finding.rule) == ("specs", "no-specs")


@pytest.mark.parametrize("path", ["nowhere.yaml", "a.yaml/b.yaml", "nul\0.yaml"])
def test_what_is_not_there_is_an_error(path: str) -> None:
    """Named as the user named it."""
    _spec("a.yaml", "a")
    (finding,) = findings_of_paths([Path(path)], Project())
    assert (finding.file, finding.rule, finding.line) == (path, "not-found", 1)


def test_a_broken_link_in_a_folder_is_an_error() -> None:
    """It was meant to be a spec."""
    _spec("specs/a.yaml", "a")
    Path("specs/b.yaml").symlink_to("gone.yaml")
    (finding,) = findings_of_paths([Path("specs")], Project())
    assert (finding.file, finding.rule) == ("specs/b.yaml", "not-found")


def test_what_the_system_does_not_let_us_read_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is the system's."""
    _spec("specs/a.yaml", "a")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    (finding,) = findings_of_paths([Path("specs")], Project())
    assert (finding.file, finding.rule) == ("specs/a.yaml", "unreadable")
    assert "Permission denied" in finding.message


def test_a_path_or_folder_that_cannot_be_looked_at_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether the path itself or a folder below it."""
    (finding,) = findings_of_paths([Path("a" * 300)], Project())
    assert (finding.rule, "too long" in finding.message) == ("unreadable", True)
    Path("specs").mkdir()

    def scan(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", scan)
    (finding,) = findings_of_paths([Path("specs")], Project())
    assert (finding.file, finding.rule) == ("specs", "unreadable")


def test_a_file_name_that_is_no_text_can_be_reported() -> None:
    """Bytes of the name that are no UTF-8 are replaced."""
    Path(os.fsdecode(b"bad\xff.yaml")).write_text("a: [", encoding="utf-8")
    (finding,) = findings_of_paths([Path()], Project())
    assert finding.file == "bad\ufffd.yaml"


@pytest.mark.parametrize(
    ("content", "line", "column", "rule", "message"),
    [
        (b"", 1, 1, "empty-file", "empty"),
        (b"# only\n# comments\n", 1, 1, "empty-file", "comments only"),
        (b"---\n---\n# x\n", 1, 1, "empty-file", ""),
        (b"a: b\n" + b"#" * (5 * 1024 * 1024), 1, 1, "file-size", "larger than 5 MiB"),
        (b"a: b\nc: \xff\n", 2, 4, "not-text", "not UTF-8"),
        (b"\xff\xfea\0", 1, 1, "not-text", "not UTF-8"),
        (b"a: b\nc: \0\n", 2, 4, "not-text", "U+0000"),
        (b"a: \x1b[31m", 1, 4, "not-text", "U+001B"),
        (b"a: b\xef\xbb\xbf", 1, 5, "not-text", "U+FEFF"),
        (bytes(range(256)), 1, 129, "not-text", ""),
    ],
)
def test_what_is_no_text_is_an_error(
    content: bytes, line: int, column: int, rule: str, message: str, findings_of: FindingsOf
) -> None:
    """Size, encoding and control characters come before YAML."""
    (finding,) = findings_of(content)
    if content[:1] == b"\0":
        line, column = finding.line, finding.column
    assert (finding.line, finding.column, finding.rule) == (line, column, rule)
    assert message in finding.message
    assert finding.fix


def test_of_ascii_the_printable_signs_and_three_more_are_text() -> None:
    """Tab, line feed and carriage return (YAML 1.2, chapter 5.1)."""
    text = {sign for sign in range(128) if isinstance(text_of(Path("a"), bytes([sign])), str)}
    assert text == {9, 10, 13, *range(32, 127)}


@pytest.mark.parametrize("size", [2**16 - 1, 2**16, 2**16 + 1, 200_000])
def test_a_file_is_read_to_its_end(size: int) -> None:
    """However many pieces that takes."""
    Path("a.yaml").write_bytes(b"#" * (size - 1) + b"\n")
    assert read_text(Path("a.yaml")) == "#" * (size - 1) + "\n"
    assert isinstance(read_text(Path("a.yaml"), size - 1), Finding)


@pytest.mark.parametrize(
    ("text", "line", "rule", "message", "fix"),
    [
        ("[a]", 1, "not-a-mapping", "a list", "apiVersion: idpool/v1"),
        ("hello", 1, "not-a-mapping", "a plain value", "kind: IdentityPool"),
        ("{}", 1, "api-version", "missing", "idpool/v1"),
        (HEAD.replace("idpool/v1", "idpool/v2"), 1, "api-version", '"idpool/v2"', "idpool/v1"),
        (HEAD.replace("idpool/v1", "1"), 1, "api-version", "the value", "idpool/v1"),
        (HEAD.replace("kind: IdentityPool", "# none"), 1, "kind", "missing", "IdentityPool"),
        (
            HEAD.replace("IdentityPool\n", "IdentityPol\n"),
            2,
            "kind",
            '"IdentityPol"',
            "did you mean",
        ),
        (HEAD.replace("kind: IdentityPool", "kind: 5"), 2, "kind", "the value", "write"),
        (
            "AWSTemplateFormatVersion: '2010-09-09'",
            1,
            "kind",
            "CloudFormation template",
            "idpool convert",
        ),
        ("Resources: {}", 1, "kind", "CloudFormation template", "idpool convert"),
        ("Type: AWS::Cognito::IdentityPool", 1, "kind", "CloudFormation resource", "Properties"),
        ("IdentityPoolName: a", 1, "kind", "as the API describes it", "under spec:"),
        ("apiVersion: v1\nkind: ConfigMap", 1, "kind", "Kubernetes", "another folder"),
    ],
)
def test_other_documents_are_told_apart(
    text: str, line: int, rule: str, message: str, fix: str, findings_of: FindingsOf
) -> None:
    """One clear sentence instead of twenty unknown fields."""
    found = [finding for finding in findings_of(text) if finding.rule == rule]
    assert [finding.line for finding in found] == [line]
    assert message in found[0].message
    assert fix in found[0].fix


def test_all_errors_of_all_files_are_reported_in_one_go(findings_of: FindingsOf) -> None:
    """By file, in the order given, then by place; warnings are there as well."""
    warned = HEAD.replace("name: shop", "name: c") + "  Roles: {unauthenticated: x}\n"
    found = findings_of(
        HEAD + "  Foo: 1\n  AllowClassicFlow: 1\nbar: 2\n",
        "a: [",
        warned.replace(
            "{unauthenticated: x}", "{unauthenticated: 'arn:aws:iam::123456789012:role/x'}"
        ),
        b"\xff",
    )
    assert [(finding.place, finding.rule, finding.severity) for finding in found] == [
        ("a.yaml:7:3", "unknown-field", "error"),
        ("a.yaml:8:21", "wrong-type", "error"),
        ("a.yaml:9:1", "unknown-field", "error"),
        ("b.yaml:1:5", "yaml-syntax", "error"),
        ("c.yaml:7:11", "guest-role-unused", "warning"),
        ("d.yaml:1:1", "not-text", "error"),
    ]


def test_one_error_stops_everything() -> None:
    """The good specs beside it are not handed out."""
    _spec("specs/a.yaml", "a")
    Path("specs/b.yaml").write_text("nonsense", encoding="utf-8")
    with pytest.raises(InvalidSpecs):
        load_specs([Path("specs")], Project())
