"""``ignore:`` entries of the project file."""

import json
from pathlib import Path

import pytest

from reconciler.model.errors import InvalidSpecs
from reconciler.specs.project import load_project
from tests.drift.conftest import change, project
from tests.e2e.conftest import Account
from tests.support.cli import Idpool

HEAD = "apiVersion: idpool/v1\nkind: Project\nowner: acme\nignore:\n"
LATER, EARLIER = "2999-12-31", "2020-01-31"


def entry(path: str, until: str = LATER) -> dict[str, str]:
    """An entry of the project file."""
    return {"path": path, "reason": "ticket 7", "until": until}


def test_known_drift_is_told_with_its_reason_and_not_counted(
    idpool: Idpool, account: Account, shop: str
) -> None:
    """All of a pool's drift is known: nothing is left, and the exit code is 0."""
    change(account.client, shop, AllowClassicFlow=True)
    idpool.write("idpool.yaml", project(ignore=[entry("*.AllowClassicFlow")]))
    result = idpool.run("drift")
    assert result.code == 0, result.text
    assert "= ignored shop" in result.out
    assert f"ignored until {LATER}: ticket 7  (*.AllowClassicFlow)" in result.out
    assert "AllowClassicFlow: specs say false, live has true" in result.out
    assert result.out.endswith("No drift: 1 ignored.\n")


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("shop.IdentityPoolTags.team", ["team"]),
        ("sho?.IdentityPoolTags.t*", ["team"]),
        ("*.IdentityPoolTags", ["new", "team"]),
        ("shop.IdentityPoolTags.*", ["new", "team"]),
        ("other.IdentityPoolTags", []),
        ("shop.IdentityPoolTags.tea", []),
    ],
)
def test_an_entry_covers_what_it_names_and_no_more(
    idpool: Idpool, account: Account, shop: str, path: str, ignored: list[str]
) -> None:
    """A member of a field may be known while another one is drift."""
    tags = account.describe(shop)["IdentityPoolTags"]
    change(account.client, shop, IdentityPoolTags={**tags, "team": "x", "new": "y"})
    idpool.write("idpool.yaml", project(ignore=[entry(path)]))

    result = idpool.run("drift", "--format", "json")

    (pool,) = json.loads(result.out)["targets"][0]["pools"]
    told = [d["path"][0] for field in pool["fields"] for d in field["differences"]]
    known = [d["path"][0] for part in pool["ignored"] for d in part["differences"]]
    assert sorted(known) == ignored
    assert sorted(told + known) == ["new", "team"]
    assert result.code == (2 if told else 0)


def test_an_expired_entry_hides_nothing_and_is_a_finding(
    idpool: Idpool, account: Account, shop: str
) -> None:
    """With its place, also where nothing has drifted."""
    text = project(ignore=[entry("*.AllowClassicFlow", EARLIER)])
    idpool.write("idpool.yaml", text)
    line = next(n for n, row in enumerate(text.splitlines(), start=1) if EARLIER in row)
    clean = idpool.run("drift")
    change(account.client, shop, AllowClassicFlow=True)
    drifted = idpool.run("drift")

    assert (clean.code, drifted.code) == (0, 2), clean.text + drifted.text
    for result in (clean, drifted):
        assert f"idpool.yaml:{line}:" in result.out
        assert f"expired on {EARLIER}" in result.out
        assert "remove it, or extend it" in result.out
    assert "~ drifted shop" in drifted.out


def test_what_is_ignored_does_not_change_the_digest(
    idpool: Idpool, account: Account, shop: str
) -> None:
    """Nobody is notified of known drift, be it another one each day."""
    idpool.write("idpool.yaml", project(ignore=[entry("*.IdentityPoolTags.team")]))
    tags = account.describe(shop)["IdentityPoolTags"]
    digests = []
    for team in ("a", "b"):
        change(account.client, shop, IdentityPoolTags={**tags, "team": team, "new": "y"})
        digests.append(json.loads(idpool.run("drift", "--format", "json").out)["digest"])
    assert digests[0] == digests[1]


def test_the_last_day_counts() -> None:
    """``until`` is a day on which the entry holds."""
    from datetime import date

    from reconciler.model.project import Ignore

    known = Ignore(path="a.Roles", reason="x", until=date(2026, 12, 31))
    assert known.holds_on(date(2026, 12, 31))
    assert not known.holds_on(date(2027, 1, 1))


def test_a_pattern_for_a_member_covers_what_is_below_it() -> None:
    """Members have dots in their names."""
    from datetime import date

    from reconciler.model.project import Ignore

    path = "*.RoleMappings.graph.facebook.com"
    known = Ignore(path=path, reason="x", until=date(2026, 12, 31))
    assert known.covers("shop", "RoleMappings", ("graph.facebook.com", "Rules", 2, "Value"))
    assert not known.covers("shop", "RoleMappings", ("graph.facebook.org",))
    assert not known.covers("shop", "Roles", ("graph.facebook.com",))


@pytest.mark.parametrize(
    ("bad", "where", "fix"),
    [
        ('{path: "a.Roles", reason: x, until: "2026-02-30"}', "until", "a day of the calendar"),
        ('{path: "a.Roles", reason: x, until: "31.12.2026"}', "until", "year, month and day"),
        ("{path: a.Roles, reason: x, until: 20261231}", "until", "quote"),
        ('{path: "a.Role", reason: x, until: "2026-12-31"}', "path", '"Roles"'),
        ('{path: "a", reason: x, until: "2026-12-31"}', "path", "SPEC.FIELD"),
        ('{path: "a.Roles", reason: "", until: "2026-12-31"}', "reason", ""),
        ('{path: "a.Roles", until: "2026-12-31"}', "reason", ""),
        ('{path: "a.Roles", reason: x}', "until", ""),
    ],
)
def test_a_wrong_entry_is_a_finding_with_its_place(
    tmp_path: Path, bad: str, where: str, fix: str
) -> None:
    """One finding, at the entry, on its line."""
    path = tmp_path / "idpool.yaml"
    path.write_text(f"{HEAD}  - {bad}\n", encoding="utf-8")
    with pytest.raises(InvalidSpecs) as invalid:
        load_project(path)
    (finding,) = invalid.value.findings
    assert finding.line == 5
    assert where in f"{finding.path} {finding.message}"
    assert fix in finding.fix
