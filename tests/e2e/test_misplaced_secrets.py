"""A secret where it does not belong: no command shows or stores it, whatever it makes of it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.reports.format_names import OF_PLANS, OF_RECEIPTS
from tests.comment.conftest import github_environment
from tests.comment.github import GitHubServer
from tests.drift.conftest import change, receiver
from tests.drift.receiver import Receiver
from tests.e2e.conftest import Account
from tests.support.cli import Idpool, Result
from tests.support.specs import document, yaml_of

__all__ = ["receiver"]

TWITTER = "api.twitter.com"
SWAPPED = {
    "both halves": {"consumer-key;hush-hush": TWITTER},
    "the secret alone": {"hush-hush": TWITTER},
    "another sign between": {"consumer-key.hush-hush": TWITTER},
    "beside a provider that is right": {"consumer-key;hush-hush": TWITTER, "www.amazon.com": "1"},
    "part of the name": {f"{TWITTER};hush-hush": "consumer-key"},
    "twice": {"consumer-key;hush-1": TWITTER, "consumer-key;hush-2": TWITTER},
}
QUICK = ("both halves", "the secret alone", "beside a provider that is right")
SWAPS = [
    pytest.param(logins, id=name, marks=() if name in QUICK else pytest.mark.slow)
    for name, logins in SWAPPED.items()
]


def assert_silent(*told: Result | Path | str | bytes) -> None:
    """Nothing of it holds a part of a secret."""
    for each in told:
        text = each.text if isinstance(each, Result) else each
        text = text.read_text() if isinstance(text, Path) else text
        assert "hush" not in str(text), text


def reading_commands(known: Any) -> list[tuple[str, ...]]:
    """Commands that read specs, in every format they have."""
    return [
        *(("validate", "specs", "--format", form) for form in ("text", "json", "sarif")),
        *(("validate", "specs", "--format", form) for form in ("junit", "github")),
        *(("plan", "specs", "--format", form) for form in known),
        *(("plan", "specs", "--out", "plan.json"), ("apply", "specs", "--yes")),
        *(("drift", "specs"), ("drift", "specs", "--format", "json")),
        *(("pull", "--spec", "specs"), ("pull", "--spec", "specs", "--with-secrets")),
        *(("fmt", "specs"), ("fmt", "specs", "--diff"), ("fmt", "specs", "--check")),
        *(("import",), ("import", "--all", "--with-secrets")),
        ("adopt", "specs", "shop=eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"),
        *(("export", "cloudformation", "specs"), ("export", "terraform", "specs")),
    ]


@pytest.mark.parametrize("logins", SWAPS)
def test_a_spec_with_key_and_value_swapped(
    idpool: Idpool, account: Account, logins: dict[str, str]
) -> None:
    """It is refused where it stands, by every command alike, and nothing is sent or written."""
    spec = yaml_of(document("shop", {"SupportedLoginProviders": logins}))
    idpool.write("specs/shop.yaml", spec)
    for words in reading_commands(OF_PLANS):
        result = idpool.run(*words, "-vv")
        assert result.code in (1, 64), (words, result.text)
        assert_silent(result)
    by_stdin = idpool.run("fmt", "-", stdin=spec)
    assert by_stdin.code == 1
    assert_silent(by_stdin)
    told = idpool.run("validate", "specs", "--format", "json")
    found = {(each["rule"], each["fix"]) for each in json.loads(told.out)["findings"]}
    assert ("twitter-swapped", f'write {TWITTER}: "KEY;SECRET"') in found
    assert not account.pools()
    assert [path.name for path in idpool.folder.iterdir()] == ["specs"]


@pytest.mark.parametrize(
    "logins",
    [
        f"{{{TWITTER}: !hush-hush x}}",
        f"{{{TWITTER}: key;hush-hush, {TWITTER}: key;hush-hush}}",
        f"{{{TWITTER}: {{hush-hush: x}}}}",
        f"{{{TWITTER}: 'key;hush-hush}}",
        f"{{{TWITTER}: key hush-hush}}",
        f"{{hush-hush: [{TWITTER}]}}",
        "hush-hush",
    ],
)
def test_a_spec_with_a_broken_secret(idpool: Idpool, logins: str) -> None:
    """No command quotes the line; tests/specs/test_hostile_secrets.py has many more of these."""
    spec = yaml_of(document("shop", {"SupportedLoginProviders": "HERE"})).replace('"HERE"', logins)
    idpool.write("specs/shop.yaml", spec)
    results = [idpool.run(*words) for words in reading_commands(["json"])]
    results.append(idpool.run("fmt", "-", stdin=spec))
    assert {result.code for result in results} <= {1, 64}
    assert_silent(*results)


def swap(account: Account, pool_id: str, logins: Mapping[str, str]) -> None:
    """What AWS lets a person do; roles and principal tags take a name with a semicolon along."""
    change(account.client, pool_id, SupportedLoginProviders=logins)
    mapping = {"Type": "Token", "AmbiguousRoleResolution": "Deny"}
    names = [name for name in logins if ";" in name]
    account.client.set_identity_pool_roles(
        IdentityPoolId=pool_id, Roles={}, RoleMappings=dict.fromkeys(names, mapping)
    )
    for name in names:
        account.client.set_principal_tag_attribute_map(
            IdentityPoolId=pool_id, IdentityProviderName=name, PrincipalTags={"a": "b"}
        )


@pytest.fixture(params=SWAPS)
def swapped_pool(request: pytest.FixtureRequest, idpool: Idpool, account: Account) -> str:
    """The id of a pool that a spec manages whole, and that somebody has given swapped logins."""
    managed: dict[str, Any] = {"Roles": {}, "PrincipalTagAttributeMaps": {}}
    managed["SupportedLoginProviders"] = {"www.amazon.com": "1"}
    idpool.write("specs/shop.yaml", yaml_of(document("shop", managed)))
    applied = idpool.run("apply", "specs", "--yes")
    assert applied.code == 0, applied.text
    pool_id = account.only_id()
    swap(account, pool_id, request.param)
    return pool_id


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with GitHubServer() as server:
        yield server


def formats(known: Any, name: str) -> Iterator[str]:
    for form in known:
        yield from ("--format", f"{form}=out/{name}.{form}")


def test_a_live_pool_with_key_and_value_swapped(
    idpool: Idpool, account: Account, swapped_pool: str, receiver: Receiver, github: GitHubServer
) -> None:
    """Every command that reads it, and every file, message and comment that is written of it."""
    (idpool.folder / "out").mkdir()
    spec = (idpool.folder / "specs/shop.yaml").read_text()
    hook = ("--notify", f"webhook={receiver.url()}", "--notify", f"slack={receiver.url()}")
    files = ("--receipt", "out/receipt.json", "--journal", "out/journal.jsonl")

    job = Idpool(idpool.folder, {**github_environment(github), **idpool.environment})

    def run(*words: str, code: int = 0) -> None:
        result = job.run(*words, "-vv")
        assert result.code == code, (words, result.text)
        assert_silent(result)

    run("plan", "specs", "--out", "out/plan.json", *formats(OF_PLANS, "shown"))
    for form in OF_PLANS:
        run("plan", "specs", "--format", form)
        run("show", "out/plan.json", "--format", form)
    run("comment", "github", "out/plan.json")
    run("drift", "specs", "--who", "--state", "out/state.json", *hook, code=2)
    run("drift", "specs", "--format", "json", code=2)
    run("pull", "--spec", "specs", "--diff", code=1)
    run("pull", "--spec", "specs", "--with-secrets", "--diff", code=1)
    run("pull", "--spec", "specs", "--with-secrets", code=1)
    assert (idpool.folder / "specs/shop.yaml").read_text() == spec
    run("apply", "out/plan.json", *files, *formats(OF_RECEIPTS, "done"))
    assert account.describe(swapped_pool)["SupportedLoginProviders"] == {"www.amazon.com": "1"}
    run("comment", "github", "out/plan.json", "--receipt", "out/receipt.json")
    run("rollback", "out/receipt.json", code=3)
    run("rollback", "out/receipt.json", "--apply", "--yes", "--receipt", "out/back.json", code=3)
    written = [path for path in (idpool.folder / "out").iterdir() if path.is_file()]
    assert len(written) > len(OF_PLANS) + len(OF_RECEIPTS)
    assert_silent(*written, *(body for _, _, body in receiver.posts))
    assert len(github.bodies) == 1
    assert_silent(*(str(request.content) for request in github.requests))


def test_a_rollback_keeps_what_it_cannot_show(
    idpool: Idpool, account: Account, swapped_pool: str
) -> None:
    """Live has the names that the receipt masks: they are sent back as they are, or not at all."""
    ignored = {"ignoreChanges": ["SupportedLoginProviders", "RoleMappings", "Roles"]}
    spec = {"SupportedLoginProviders": {}, "Roles": {}, "AllowClassicFlow": True}
    before = account.describe(swapped_pool)["SupportedLoginProviders"]
    idpool.write("specs/shop.yaml", yaml_of(document("shop", spec, lifecycle=ignored)))
    done = idpool.run("apply", "specs", "--yes", "--receipt", "receipt.json")
    assert done.code == 0, done.text
    back = idpool.run("rollback", "receipt.json", "--apply", "--yes", "-vv")
    assert_silent(done, back, idpool.folder / "receipt.json")
    assert back.code == 0, back.text
    assert account.describe(swapped_pool)["SupportedLoginProviders"] == before
    assert account.roles(swapped_pool)["RoleMappings"].keys() == {n for n in before if ";" in n}
    assert not account.describe(swapped_pool)["AllowClassicFlow"]


@pytest.mark.parametrize("logins", SWAPS)
@pytest.mark.parametrize("option", [(), ("--with-secrets",)])
def test_an_import_of_a_pool_with_key_and_value_swapped(
    idpool: Idpool, account: Account, logins: dict[str, str], option: tuple[str, ...]
) -> None:
    """No spec may hold it, asked for or not: the fields are left to AWS, and it is said why."""
    swap(account, account.create("shop"), logins)
    result = idpool.run("import", "--all", "-vv", *option)
    written = idpool.folder / "specs/shop.yaml"
    assert result.code == 0, result.text
    assert "SupportedLoginProviders" in written.read_text()
    assert_silent(result, written)
    assert idpool.run("apply", "specs", "--yes").code == 0
    (pool,) = account.pools().values()
    assert pool["SupportedLoginProviders"] == logins
