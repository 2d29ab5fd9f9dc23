"""plan --out, show, apply: what was shown is what is done."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.sandbox.server import SandboxServer
from tests.e2e.conftest import Account
from tests.saved_plan.conftest import Save, apply_specs, update, write_spec
from tests.support.cli import ACCOUNT, REGION, Idpool, aws_environment, clean_environment
from tests.support.specs import document, yaml_of

WATCHED_SHOW = """
import sys
from reconciler.cli.main import run
code = run(["show", sys.argv[1]])
print(code, sorted({"boto3", "botocore", "moto", "flask"} & set(sys.modules)))
"""


def test_a_plan_is_saved_shown_and_applied_without_a_question(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """There is no terminal and no --yes; the receipt is that of the plan that was shown."""
    write_spec(idpool, AllowClassicFlow=True)
    planned = idpool.run("plan", "specs")
    path = save()
    shown = idpool.run("show", "plan.json")
    applied = idpool.run("apply", "plan.json", "--receipt", "receipt.json")
    again = idpool.run("plan", "specs", "--detailed-exitcode")

    assert shown.code == 0
    head, _, rest = shown.out.partition("\n\n")
    assert head.startswith("Saved plan of 20")
    assert head.endswith(" UTC, no Git commit, idpool 0.1.0")
    assert rest == planned.out
    assert (applied.code, again.code) == (0, 0), applied.text
    assert applied.out.startswith(shown.out)
    assert "Applied: 1 done." in applied.out
    assert account.describe(account.only_id())["AllowClassicFlow"] is True
    receipt = json.loads((idpool.folder / "receipt.json").read_text())
    assert receipt["planDigest"] == json.loads(path.read_text())["planDigest"]


def test_show_needs_no_aws_and_never_imports_boto3(idpool: Idpool, save: Save) -> None:
    """A reviewer may be anywhere."""
    write_spec(idpool)
    process = subprocess.run(
        [sys.executable, "-c", WATCHED_SHOW, str(save())],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout.splitlines()[-1] == "0 []", process.stderr


def test_show_as_json_is_what_plan_says_as_json(idpool: Idpool, save: Save) -> None:
    """Whatever reads plans reads saved ones."""
    write_spec(idpool)
    save()
    shown = idpool.run("show", "plan.json", "--format", "json")
    assert shown.code == 0
    assert shown.out == idpool.run("plan", "specs", "--format", "json").out


def test_the_plan_is_its_owners_alone_and_replaces_in_one_step(idpool: Idpool, save: Save) -> None:
    """Whatever was there before; nothing else is left in the folder."""
    write_spec(idpool)
    idpool.write("plan.json", "an old one, for all to read").chmod(0o666)
    path = save()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {p.name for p in idpool.folder.iterdir()} == {"specs", "plan.json"}


@pytest.mark.parametrize("place", ["specs/shop.yaml/plan.json", "specs", "/dev/null"])
def test_a_plan_that_cannot_be_saved_is_an_error(idpool: Idpool, place: str) -> None:
    """One sentence; a folder or a device is not replaced."""
    write_spec(idpool)
    result = idpool.run("plan", "specs", "--out", place)
    assert result.code == 1
    assert result.out == ""
    assert result.err.startswith(f"error: {place} cannot be written: ")
    assert not Path("/dev/null").is_file()


def test_plan_shows_as_always_and_keeps_its_exit_codes(idpool: Idpool) -> None:
    """--out adds a file and one line on stderr."""
    write_spec(idpool)
    plain = idpool.run("plan", "specs", "--detailed-exitcode")
    saved = idpool.run("plan", "specs", "--detailed-exitcode", "--out", "plan.json")
    assert (saved.code, saved.out) == (plain.code, plain.out) == (2, plain.out)
    assert saved.err == "Saved: idpool apply plan.json applies this plan and no other.\n"


def test_a_plan_without_changes_is_applied_in_peace(idpool: Idpool, save: Save) -> None:
    """Nothing is sent, so that nothing is used up."""
    write_spec(idpool)
    apply_specs(idpool)
    save()
    for _ in range(2):
        result = idpool.run("apply", "plan.json")
        assert result.code == 0, result.text
        assert "No changes." in result.out


def test_update_and_deletion_are_applied_from_a_saved_plan(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """Not creations alone."""
    write_spec(idpool)
    apply_specs(idpool)
    write_spec(idpool, IdentityPoolName="renamed", IdentityPoolTags={"team": "x"})
    save()
    assert idpool.run("apply", "plan.json").code == 0
    assert account.describe(account.only_id())["IdentityPoolName"] == "renamed"
    idpool.write("specs/shop.yaml", yaml_of(document("shop", lifecycle={"delete": True})))
    save()
    assert idpool.run("apply", "plan.json").code == 0
    assert account.pools() == {}


def test_refusals_are_saved_with_the_plan_and_the_others_are_applied(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """Exit 3, as from apply."""
    write_spec(idpool)
    account.create("taken")
    write_spec(idpool, "taken")
    save(code=3)
    assert idpool.run("show", "plan.json").code == 0
    result = idpool.run("apply", "plan.json")
    assert result.code == 3, result.text
    assert "name-taken" in result.out
    assert sorted(pool["IdentityPoolName"] for pool in account.pools().values()) == [
        "shop",
        "taken",
    ]


PROJECT = """\
apiVersion: idpool/v1
kind: Project
owner: acme/identity
targets:
  one: {account: "123456789012", region: eu-west-1}
  two: {account: "123456789012", region: us-east-1}
"""


def test_the_targets_of_the_plan_are_the_only_ones(idpool: Idpool, account: Account) -> None:
    """--target is part of what was reviewed, and cannot be changed afterwards."""
    idpool.write("idpool.yaml", PROJECT)
    write_spec(idpool)
    planned = idpool.run("plan", "--target", "one", "--out", "plan.json")
    assert planned.code == 0, planned.text
    saved = json.loads((idpool.folder / "plan.json").read_text())
    assert [(t["name"], t["account"], t["region"]) for t in saved["targets"]] == [
        ("one", ACCOUNT, REGION)
    ]
    other = idpool.run("apply", "plan.json", "--target", "two")
    result = idpool.run("apply", "plan.json")
    rest = idpool.run("plan", "--detailed-exitcode")
    assert other.code == 64
    assert result.code == 0, result.text
    assert len(account.pools()) == 1
    assert "Target one: account 123456789012, region eu-west-1\n\n  no changes" in rest.out


@pytest.mark.parametrize("arguments", [["specs"], ["--target", "default"], ["--resume", "j.jsonl"]])
def test_a_saved_plan_takes_no_company(idpool: Idpool, save: Save, arguments: list[str]) -> None:
    """It is applied whole; a part of it was never shown."""
    write_spec(idpool)
    save()
    result = idpool.run("apply", "plan.json", *arguments)
    assert result.code == 64
    assert result.err.startswith("error: plan.json is a saved plan")


def test_another_folder_of_the_project_and_another_checkout(
    idpool: Idpool,
    sandbox: SandboxServer,
    account: Account,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Planned in a subfolder, applied from another one of another copy of the repository."""
    copy = Idpool(tmp_path_factory.mktemp("copy"), aws_environment(sandbox.url))
    for each in (idpool, copy):
        (each.folder / ".git").mkdir()
        each.write("idpool.yaml", PROJECT + "specs: [deep/specs]\n")
        each.write("deep/specs/shop.yaml", yaml_of(document("shop")))
        each.write("deep/er/README", "")
    planned = Idpool(idpool.folder / "deep", idpool.environment).run(
        "plan", "specs/shop.yaml", "--target", "one", "--out", "plan.json"
    )
    copy.write("deep/er/plan.json", (idpool.folder / "deep/plan.json").read_text())
    result = Idpool(copy.folder / "deep/er", copy.environment).run("apply", "plan.json")
    assert (planned.code, result.code) == (0, 0), result.text
    assert len(account.pools()) == 1


def test_the_projects_own_specs_may_lie_anywhere(idpool: Idpool, account: Account) -> None:
    """Named by the project file, not by the plan."""
    idpool.write("specs/shop.yaml", yaml_of(document("shop")))
    idpool.write("project/idpool.yaml", PROJECT + "specs: [../specs]\n")
    inside = Idpool(idpool.folder / "project", idpool.environment)
    assert inside.run("plan", "--target", "one", "--out", "plan.json").code == 0
    result = inside.run("apply", "plan.json")
    assert result.code == 0, result.text
    assert len(account.pools()) == 1


def test_specs_that_an_apply_would_not_find_are_refused_at_once(idpool: Idpool) -> None:
    """Before AWS is asked; a path that leads elsewhere is nothing for a file."""
    write_spec(idpool)
    idpool.write("inside/README", "")
    result = Idpool(idpool.folder / "inside", clean_environment()).run(
        "plan", "../specs", "--out", "plan.json"
    )
    assert result.code == 64
    assert "../specs is not below " in result.err


def test_a_spec_written_as_json_is_still_a_spec(idpool: Idpool, account: Account) -> None:
    """Its content says so."""
    idpool.write("shop.json", yaml_of(document("shop")))
    result = idpool.run("apply", "shop.json", "--yes")
    assert result.code == 0, result.text
    assert len(account.pools()) == 1


def test_three_hundred_pools(idpool: Idpool, account: Account, save: Save) -> None:
    """In one plan, within seconds."""
    clients = [{"ProviderName": "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a", "ClientId": "c"}]
    names = [f"pool-{number:03}" for number in range(300)]
    documents = [document(name, {"CognitoIdentityProviders": clients}) for name in names]
    idpool.write("specs/all.yaml", yaml_of(*documents))
    save("--parallelism", "8")
    assert idpool.run("show", "plan.json").out.endswith("Plan: 300 to create.\n")
    result = idpool.run("apply", "plan.json", "--parallelism", "8")
    assert result.code == 0, result.text[-2000:]
    assert len(account.pools()) == 300


def test_the_commit_is_told(idpool: Idpool, save: Save) -> None:
    """The one that was checked out when the plan was made."""
    write_spec(idpool)
    commit = "0123456789abcdef0123456789abcdef01234567"
    idpool.write(".git/HEAD", "ref: refs/heads/main\n")
    idpool.write(".git/refs/heads/main", f"{commit}\n")
    save()
    assert f"commit {commit}, idpool 0.1.0" in idpool.run("show", "plan.json").out


def test_a_change_by_somebody_else_to_what_is_ignored_is_no_hindrance(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """ignoreChanges are never compared, neither by the plan nor between plans."""
    lifecycle = {"ignoreChanges": ["SamlProviderARNs"]}
    idpool.write("specs/shop.yaml", yaml_of(document("shop", lifecycle=lifecycle)))
    apply_specs(idpool)
    spec = {"AllowClassicFlow": True}
    idpool.write("specs/shop.yaml", yaml_of(document("shop", spec, lifecycle=lifecycle)))
    save()
    theirs = [f"arn:aws:iam::{ACCOUNT}:saml-provider/Theirs"]
    update(account, SamlProviderARNs=theirs)
    result = idpool.run("apply", "plan.json")
    assert result.code == 0, result.text
    pool = account.describe(account.only_id())
    assert (pool["SamlProviderARNs"], pool["AllowClassicFlow"]) == (theirs, True)


def test_where_a_spec_stands_does_not_matter(idpool: Idpool, account: Account, save: Save) -> None:
    """Comments, another file, another order of files."""
    write_spec(idpool, "a")
    write_spec(idpool, "b")
    save()
    (idpool.folder / "specs/a.yaml").rename(idpool.folder / "specs/z.yaml")
    idpool.write("specs/b.yaml", "# a comment\n\n" + yaml_of(document("b")))
    result = idpool.run("apply", "plan.json")
    assert result.code == 0, result.text
    assert len(account.pools()) == 2
