"""What needs no AWS: validate, schema, help, version; and bad input, which never gets to AWS."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Account
from tests.support.cli import Idpool, clean_environment
from tests.support.specs import document, yaml_of

EXAMPLES = Path(__file__).parents[2] / "specs"

WATCHED_VALIDATE = """
import sys
from reconciler.cli.main import run
code = run(["validate", sys.argv[1]])
print(code, sorted({"boto3", "botocore", "moto", "flask", "deepdiff"} & set(sys.modules)))
"""


@pytest.fixture
def offline(tmp_path: Path) -> Idpool:
    """The command with no AWS settings at all."""
    return Idpool(tmp_path, clean_environment())


def test_validate_needs_no_aws_and_never_imports_boto3(tmp_path: Path) -> None:
    """The examples are valid, and nothing that talks to AWS is even loaded."""
    process = subprocess.run(
        [sys.executable, "-c", WATCHED_VALIDATE, str(EXAMPLES)],
        env=clean_environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout.splitlines() == ["5 specs valid.", "0 []"], process.stderr


def test_the_version_is_the_packages(offline: Idpool) -> None:
    """`--version` says name and version, and nothing else."""
    assert offline.run("--version").out == "idpool 0.1.0\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan", "--no-such-option"],
        ["no-such-command"],
        ["plan", "--format", "xml"],
        ["plan", "--parallelism", "many"],
        ["plan"],
        ["plan", "specs", "--target", "nowhere"],
        ["apply", "specs"],
        ["schema", "nothing"],
    ],
    ids=" ".join,
)
def test_a_usage_error_is_64_and_never_reads_as_drift(
    offline: Idpool, arguments: list[str]
) -> None:
    """One sentence with the fix; `apply` without a terminal and without --yes is one of them."""
    offline.write("specs/a.yaml", yaml_of(document()))
    if arguments == ["plan"]:
        offline.folder.joinpath("specs/a.yaml").unlink()
    result = offline.run(*arguments)
    assert result.code == 64, result.text
    assert result.out == ""
    assert result.err.startswith("error: ")
    assert "\n  fix: " in result.err


def test_schema_prints_what_is_committed(offline: Idpool) -> None:
    """For editors that want the schema of the installed version."""
    committed = EXAMPLES.parent / "schemas" / "project.schema.json"
    assert offline.run("schema", "project").out == committed.read_text(encoding="utf-8")


BAD: dict[str, tuple[bytes, str]] = {
    "unknown field": (b"  spec: {IdentityPoolName: a, Colour: red}", "Colour"),
    "duplicate key": (b"  spec: {IdentityPoolName: a, IdentityPoolName: b}", "IdentityPoolName"),
    "unquoted number": (b"  spec: {IdentityPoolName: 012345678901}", '"012345678901"'),
    "tab indentation": (b"  spec:\n\tIdentityPoolName: a", "tab"),
    "alias bomb": (
        b"  spec: {IdentityPoolName: a}\n"
        + b"  a: &a [x,x,x,x,x,x,x,x,x]\n"
        + b"".join(
            b"  %c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 9)) for c in b"bcdefghi"
        ),
        "alias",
    ),
    "python object": (
        b"  spec: {IdentityPoolName: !!python/object/apply:os.system ['touch hacked']}",
        "tag",
    ),
    "wrong ARN kind": (
        b"  spec: {IdentityPoolName: a, SamlProviderARNs: "
        b"['arn:aws:iam::123456789012:oidc-provider/example.com']}",
        "oidc-provider",
    ),
    "https in a mapping key": (
        b"  spec: {IdentityPoolName: a, RoleMappings: {'https://graph.facebook.com': "
        b"{Type: Token, AmbiguousRoleResolution: Deny}}}",
        "https://",
    ),
    "mapping for no provider": (
        b"  spec: {IdentityPoolName: a, RoleMappings: {graph.facebook.com: "
        b"{Type: Token, AmbiguousRoleResolution: Deny}}}",
        "graph.facebook.com",
    ),
    "Rules without rules": (
        b"  spec: {IdentityPoolName: a, SupportedLoginProviders: {graph.facebook.com: '1'}, "
        b"RoleMappings: {graph.facebook.com: {Type: Rules, AmbiguousRoleResolution: Deny}}}",
        "RulesConfiguration",
    ),
    "51 tags": (
        b"  spec: {IdentityPoolName: a, IdentityPoolTags: {%s}}"
        % b", ".join(b"t%d: x" % n for n in range(51)),
        "50",
    ),
    "an aws tag": (b"  spec: {IdentityPoolName: a, IdentityPoolTags: {'aws:x': y}}", "aws:"),
    "unknown target": (
        b"  metadata: {name: bad, targets: [nowhere]}\n  spec: {IdentityPoolName: a}",
        "nowhere",
    ),
    "same name twice": (
        b"  metadata: {name: good}\n  spec: {IdentityPoolName: a}",
        "good",
    ),
    "a reference": (b"  spec: {IdentityPoolName: '${name}'}", "no reference"),
}
HEAD = b"  apiVersion: idpool/v1\n  kind: IdentityPool\n"


def _whole(body: bytes) -> bytes:
    metadata = b"" if b"metadata:" in body else b"  metadata: {name: bad}\n"
    return HEAD + metadata + body + b"\n"


FILES = {label: (_whole(body), fragment) for label, (body, fragment) in BAD.items()} | {
    "empty file": (b"", "empty"),
    "binary file": (bytes(range(256)) * 40, "text"),
    "10 MB file": (b"# padding\n" * 1_000_000, "MiB"),
    "deep nesting": (b"[" * 200_000, "nested"),
}


@pytest.mark.parametrize("label", FILES)
def test_bad_input_stops_everything_before_aws(
    idpool: Idpool, account: Account, label: str
) -> None:
    """Exit 1 with file:line:column, what is wrong and the fix; the good spec is not applied."""
    content, fragment = FILES[label]
    idpool.write("specs/good.yaml", yaml_of(document("good")))
    bad = idpool.write("specs/zbad.yaml", "")
    bad.write_bytes(content)

    result = idpool.run("apply", "specs", "--yes")

    assert result.code == 1, result.text
    assert result.out == ""
    lines = result.err.splitlines()
    places = [line for line in lines if line.startswith("specs/zbad.yaml:")]
    assert places, result.err
    assert all(part.isdecimal() for part in places[0].split(":")[1:3])
    assert fragment in result.err
    assert "  fix: " in result.err
    assert "Traceback" not in result.err
    assert account.pools() == {}
    assert not (idpool.folder / "hacked").exists()


def test_all_findings_of_all_files_come_at_once(offline: Idpool) -> None:
    """Nobody mends one line only to be told of the next."""
    for name in ("a", "b"):
        spec = {"AllowClassicFlow": "yes", "SamlProviderARNs": ["nonsense"], "Extra": 1}
        offline.write(f"specs/{name}.yaml", yaml_of(document(name, spec)))

    result = offline.run("validate", "specs", "--format", "json")

    findings = json.loads(result.out)["findings"]
    assert result.code == 1
    assert {(f["file"], f["path"]) for f in findings} == {
        (f"specs/{name}.yaml", f"spec.{field}")
        for name in ("a", "b")
        for field in ("AllowClassicFlow", "SamlProviderARNs[0]", "Extra")
    }
