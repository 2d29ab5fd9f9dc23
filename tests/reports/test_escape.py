"""Nothing that AWS or YAML says can act on a terminal, hide, or pretend to be something else."""

import unicodedata
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.base import JsonValue
from reconciler.model.changes import Notice, Refusal, SetPrincipalTags
from reconciler.model.errors import UsageProblem
from reconciler.model.findings import Finding, Source
from reconciler.model.plan import Plan
from reconciler.model.project import Target
from reconciler.model.receipt import Receipt
from reconciler.reports.error_text import error_text, findings_text
from reconciler.reports.escape import escape, name, quoted
from reconciler.reports.formats import findings_json, record_json
from reconciler.reports.plan_report import plan_report
from reconciler.reports.receipt_report import receipt_report
from reconciler.reports.text_report import report_text
from tests.reports.builders import (
    collection,
    done,
    doubt,
    edit,
    finding,
    orphan,
    plan,
    pool,
    pool_plan,
    pool_receipt,
    scalar,
    target_plan,
    unread,
)
from tests.reports.receipts import receipt

TRICKS = [chr(c) for c in (*range(0x20), *range(0x7F, 0xA0), *range(0x200B, 0x2010))] + [
    *"\u061c\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\xad\xa0",
    "\ufe0f",
    "\u3164",
    "\U000e0041",
    "\U000e0100",
]
texts = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(TRICKS)), min_size=1
)


def is_plain(text: str) -> bool:
    """Whether a terminal would show every character in its place, and nothing else."""
    return all(
        char == " " or unicodedata.category(char)[0] not in "CZ" for char in text
    ) and not any(char in text for char in TRICKS)


def lines_are_plain(text: str) -> bool:
    return all(map(is_plain, text.split("\n")))


@pytest.mark.parametrize("trick", TRICKS)
def test_every_trick_is_written_out(trick: str) -> None:
    assert is_plain(escape(trick))
    assert escape(trick).startswith("\\")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("storefront", "storefront"),
        ("cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A:7l", None),
        ("key;****", None),
        ("custom:department", None),
        ("store front", '"store front"'),
        ("", '""'),
        ("->", '"->"'),
        ("-", '"-"'),
        ("a:", '"a:"'),
        ("+ a", '"+ a"'),
        ('say "hi"', '"say \\"hi\\""'),
        ("a\\x1b", '"a\\\\x1b"'),
        ("a\x1b", '"a\\x1b"'),
        ("caf\u00e9", '"caf\u00e9"'),
        ("\U0001f600", '"\U0001f600"'),
    ],
)
def test_a_name_is_bare_where_it_is_plain_and_quoted_elsewhere(raw: str, shown: str | None) -> None:
    assert name(raw) == (raw if shown is None else shown)


@given(texts, texts)
def test_different_names_never_look_alike(one: str, other: str) -> None:
    assert (name(one) == name(other)) == (one == other)


@given(texts)
def test_escaped_and_quoted_texts_are_plain(text: str) -> None:
    assert is_plain(escape(text))
    assert is_plain(quoted(text))
    assert is_plain(name(text))


def hostile_plan(t: str) -> Plan:
    """A plan with the text in every place that a string can stand in."""
    mapping: dict[str, JsonValue] = {
        "Type": t,
        "AmbiguousRoleResolution": t,
        "Rules": [dict.fromkeys(_RULE, t)],
    }
    changes = (
        scalar("IdentityPoolName", t, t),
        scalar("DeveloperProviderName", "", t, forever=True),
        scalar(t, t, t),
        collection("SupportedLoginProviders", edit("change", t, before=t, after=t, secret=True)),
        collection("SamlProviderARNs", edit("add", t), edit("remove", t)),
        collection("OpenIdConnectProviderARNs", edit("add", t)),
        collection(
            "CognitoIdentityProviders",
            edit("add", t, after={"ServerSideTokenCheck": True}),
            edit("change", t, "ServerSideTokenCheck", before=t, after=t),
        ),
        collection(
            "IdentityPoolTags",
            edit("add", t, after=t),
            edit("add", "idpool:owner", after=t),
            edit("remove", t, before=t),
        ),
        collection("Roles", edit("change", t, before=t, after=t)),
        collection(
            "RoleMappings",
            edit("add", t, after=mapping),
            edit("remove", t, "Rules", 2, before=dict.fromkeys(_RULE, t)),
            edit("move", t, "Rules", 1, before=2, after=1),
            edit("change", t, "Rules", 1, "Claim", before=t, after=t),
            edit("change", t, t, before=t, after=t),
            after={t: mapping},
        ),
        collection(
            "PrincipalTagAttributeMaps",
            edit("change", t, "UseDefaults", before=False, after=True),
            edit("change", t, "PrincipalTags", t, before=t, after=t),
            edit("add", t, "PrincipalTags", t, after=t),
            edit("remove", t, "PrincipalTags", t, before=t),
            edit("add", t, t, before=t, after=t),
        ),
        collection(t, edit("add", t, t, after=[t, {t: t}])),
    )
    refusal = Refusal(rule=t, reason=t, way_out=t, field=t)
    fields = {
        "source": Source(file=t),
        "notices": (Notice(rule=t, message=t),),
        "findings": (
            doubt(t, path=t, message=t, fix=t, place=t),
            doubt(t, path=t, message=t, fix=t, place=f"{t}:1:1", already_so=True),
            doubt(t, path=t, message=t, fix=t, place=f"{t}:1:2", waived=t),
        ),
        "pool_id": t,
        "live": pool(IdentityPoolName=t),
        "actions": (SetPrincipalTags(provider=t),),
    }
    target = Target(name=t, account=t, region=t, role_arn=t)
    one = pool_plan(t, *changes, **fields)
    two = pool_plan(t + "2", *changes, **{**fields, "refusals": (refusal,)})
    orphans = (orphan(t, t, t), orphan(t, None, t))
    whole = {"refusals": (refusal,), "orphans": orphans, "unread": (unread(t, refusal, t),)}
    return plan(target_plan(one, two, target=target, **whole), owner=t)


_RULE = ("Claim", "MatchType", "Value", "RoleARN")


def hostile_receipt(t: str) -> Receipt:
    action = SetPrincipalTags(provider=t)
    fields = {"message": t, "code": t, "request_ids": (t,), "attempts": 2}
    actions = [done(action, outcome, **fields) for outcome in ("done", "failed", "unknown")]
    refused = pool_receipt(t + "2", refused=True, target=t, pool_id=t)
    return receipt(pool_receipt(t, *actions, target=t, pool_id=t), refused)


def hostile_findings(t: str) -> list[Finding]:
    return [finding(t, path=t, message=t, fix=t, rule_id=t)]


def reports(t: str) -> Iterable[str]:
    bad_plan, bad_receipt, bad_findings = hostile_plan(t), hostile_receipt(t), hostile_findings(t)
    yield report_text(plan_report(bad_plan)).plain
    yield report_text(plan_report(bad_plan, verbose=True)).plain
    yield report_text(receipt_report(bad_receipt, bad_plan)).plain
    yield findings_text(bad_findings).plain
    yield error_text(UsageProblem(t, hint=t)).plain
    yield record_json(bad_plan)
    yield record_json(bad_receipt)
    yield findings_json(bad_findings)


@given(texts)
def test_no_report_shows_anything_raw(text: str) -> None:
    for report in reports(text):
        assert lines_are_plain(report)


def test_a_line_break_in_a_name_makes_no_line() -> None:
    for calm, hostile in zip(reports("xx"), reports("x\nx"), strict=True):
        assert hostile.count("\n") == calm.count("\n")
