"""What is no YAML, or YAML that a spec cannot be: said in our words, at the right place."""

import pytest

from reconciler.model.findings import Finding
from reconciler.text import yaml as yaml_text
from reconciler.text.documents import MAX_ALIASED, value_of
from reconciler.text.yaml import MAX_DEPTH
from tests.specs.conftest import TWO_TARGETS, FindingsOf
from tests.specs.texts import GOOD, HEAD

SECRET = "hunter2"

# text -> line, column, rule, part of the message, part of the fix
SYNTAX = {
    "tab": ("a:\n\tb: c", 2, 1, "yaml-syntax", "tabs cannot indent YAML; use spaces", "spaces"),
    "tab after spaces": ("a: x\n \tb: c", 2, 2, "yaml-syntax", "tabs cannot indent", "spaces"),
    "only a tab": ("\t", 1, 1, "yaml-syntax", "tabs cannot indent YAML", ""),
    "cut off": ("a: [", 1, 5, "yaml-syntax", "the text ends where", "complete it"),
    "tab at the top": ("\ta: b", 1, 1, "yaml-syntax", "tabs cannot indent YAML", ""),
    "tab before a value": ("a: b\nc:\t- d", 2, 4, "yaml-syntax", "a list cannot begin", ""),
    "key in a value": ("a: b: c", 1, 5, "yaml-syntax", "a key cannot stand here", "quote"),
    "no space after the colon": ("a:b\nc: d", 2, 2, "yaml-syntax", "a key", "line above"),
    "open quote": ("a: 'b\nc: d", 1, 4, "yaml-syntax", "never closed", "close it"),
    "quote and document": ("a: 'b\n---\nc: d", 1, 4, "yaml-syntax", "end of its document", ""),
    "open list": ("a: [b\n\n", 1, 4, "yaml-syntax", "that opens here is never closed", "close it"),
    "list goes wrong": ("a: [b\nc: d", 2, 2, "yaml-syntax", 'opens with "[" at 1:4', "missing"),
    "open mapping": ("a: {b: c", 1, 4, "yaml-syntax", "that opens here is never closed", ""),
    "wrong bracket": ("a: {b: c]", 1, 9, "yaml-syntax", 'opens with "{" at 1:4', '"}" is missing'),
    "key among items": ("- a\nb: c", 2, 1, "yaml-syntax", "the list that begins at 1:1", "indent"),
    "item among keys": ("a: b\n- c", 2, 1, "yaml-syntax", "begins at 1:1", "indentation"),
    "list on a key's line": ("a: - b", 1, 4, "yaml-syntax", "cannot begin on", "next line"),
    "at sign": ("a: @b", 1, 4, "yaml-syntax", "cannot begin with '@'", "in quotes"),
    "undefined alias": ("a: *b", 1, 4, "yaml-syntax", "no anchor", "quote the text"),
    "anchor twice": ("{a: &x 1, b: &x 2}", 1, 14, "yaml-syntax", "defined at 1:5", "another name"),
    "escape": ('a: "\\q"', 1, 5, "yaml-syntax", "a backslash in double quotes", "twice"),
    "unicode escape": ('a: "\\ud800"', 1, 7, "yaml-syntax", "is half of a sign", "both halves"),
    "stray bracket": ("}", 1, 1, "yaml-syntax", "a value is missing", "brackets"),
    "block text": ("a: |x\n b", 1, 5, "yaml-syntax", 'nothing can follow "|"', "next line"),
    "tag handle": ("!e!x a", 1, 1, "yaml-syntax", "prefix that is not defined", "remove the tag"),
    "open tag": ("a: !<x", 1, 7, "yaml-syntax", "this tag is not complete", "quote"),
    "nameless anchor": ("a: &", 1, 5, "yaml-syntax", "a name must follow", "quote"),
    "directive": ("%FOO bar\n---\na", 1, 5, "yaml-syntax", "directive", ""),
    "colon in brackets": ('[a":b]', 1, 4, "yaml-syntax", "unquoted text between brackets", "quote"),
    "YAML 1.1": ("%YAML 1.1\n---\na: b", 1, 1, "yaml-version", "YAML 1.2", "remove the %YAML"),
    "YAML 3": ("# x\n%YAML 3\n---\na: b", 2, 1, "yaml-version", "another version", ""),
    "deep list": ("[" * 200_000, 1, MAX_DEPTH, "nested-too-deeply", "64 levels", "brackets"),
    "deep mapping": ("{a: " * 70, 1, 253, "nested-too-deeply", "64 levels", "8 levels"),
}


@pytest.mark.parametrize("name", SYNTAX)
def test_what_is_no_yaml_is_placed_and_explained(name: str, findings_of: FindingsOf) -> None:
    """One finding, in words of our own."""
    text, line, column, rule, message, fix = SYNTAX[name]
    (finding,) = findings_of(text)
    assert (finding.line, finding.column, finding.rule) == (line, column, rule)
    assert message in finding.message
    assert fix in finding.fix


def test_an_unknown_complaint_of_the_parser_is_still_a_finding(
    findings_of: FindingsOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A libyaml with new texts costs the explanation, not the place."""
    monkeypatch.setattr("reconciler.text.yaml.wording", lambda _: {})
    (finding,) = findings_of("a: b: c")
    assert (finding.line, finding.column, finding.message) == (1, 5, "this is not valid YAML")


@pytest.mark.parametrize(
    "text",
    [
        f"a: 'x;{SECRET}",
        f"a: x;{SECRET}: y",
        f"{HEAD}  SupportedLoginProviders: {{api.twitter.com: 'key;{SECRET} x'}}",
        f"{HEAD}  SupportedLoginProviders: {{api.twitter.com: key {SECRET}}}",
        f"{HEAD}  SupportedLoginProviders: {{'api.twitter.com:key;{SECRET}'}}",
        f"{HEAD}  SupportedLoginProviders: api.twitter.com key {SECRET}",
        f"{HEAD}  SupportedLoginProviders: {{api.twitter.com: [{SECRET}]}}",
        f"{HEAD}  SupportedLoginProviders: {{https://api.twitter.com: key;{SECRET}}}",
        f"{HEAD}  SupportedLoginProviders: {{api.twitter.com: '${{key;{SECRET}}}'}}",
        f"{HEAD}  SupportedLoginProviders: {{'api.twitter.com;{SECRET}': a b}}",
        f"{HEAD}  SupportedLoginProvider: {{api.twitter.com: key;{SECRET}}}",
        f"{HEAD}  DeveloperProviderName: key;{SECRET}",
        f"{HEAD}  Roles: {{authenticated: key;{SECRET}}}",
        f"{HEAD}  SupportedLoginProviders: {{api.twitter.com: !x key;{SECRET}}}",
        f"{HEAD}  SupportedLoginProviders: {{api.twitter.com: !!int key;{SECRET}}}",
        f"{HEAD}  SupportedLoginProviders: {{api.twitter.com: key;{SECRET}\n - x}}",
    ],
)
def test_no_finding_shows_a_secret(text: str, findings_of: FindingsOf) -> None:
    """Neither the value nor the line, whatever is wrong with it."""
    found = findings_of(text)
    assert found
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("lines", "line", "column", "fix"),
    [
        ("  A: !!python/object/apply:os.system ['true']", 7, 6, "remove the tag"),
        ("  AllowClassicFlow: !!binary YQ==", 7, 21, "remove the tag"),
        ("  Roles: !!set {a}", 7, 10, "remove the tag"),
        ("  DeveloperProviderName: !Ref Name", 7, 26, "CloudFormation's functions"),
        ("  AllowClassicFlow: !!bool maybe", 7, 21, "remove the tag"),
        ("  SamlProviderARNs: !foo []", 7, 21, "remove the tag"),
        ("  Roles: {!foo authenticated: x}", 7, 11, "remove the tag"),
    ],
)
def test_tags_of_other_programs_are_refused(
    lines: str, line: int, column: int, fix: str, findings_of: FindingsOf
) -> None:
    """Nothing is constructed but plain values."""
    found = [finding for finding in findings_of(HEAD + lines) if finding.rule == "unknown-tag"]
    assert [(each.line, each.column) for each in found] == [(line, column)]
    assert fix in found[0].fix


def test_tags_of_plain_values_are_fine(findings_of: FindingsOf) -> None:
    """!!str makes a string of a number; the others say what is so anyway."""
    text = HEAD + (
        "  DeveloperProviderName: !!str 123\n  AllowClassicFlow: !!bool true\n"
        "  Roles: !!map {}\n  SamlProviderARNs: !!seq []\n"
    )
    assert findings_of(text) == []


def test_every_duplicate_key_is_reported(findings_of: FindingsOf) -> None:
    """Each with its own place and that of the first."""
    found = findings_of(HEAD + "  IdentityPoolName: b\n  Roles: {}\n  'Roles': {}\nkind: x\n")
    assert [(each.line, each.column, each.rule) for each in found] == [
        (7, 3, "duplicate-key"),
        (9, 3, "duplicate-key"),
        (10, 1, "duplicate-key"),
    ]
    assert "first at 6:3" in found[0].message


def test_anchors_aliases_and_merge_keys_are_fine(findings_of: FindingsOf) -> None:
    """A merge gives way to what is written beside it, and to an earlier merge."""
    text = """\
apiVersion: idpool/v1
kind: IdentityPool
metadata: {name: shop}
spec:
  IdentityPoolName: shop
  RoleMappings:
    accounts.google.com: &token {Type: Token, AmbiguousRoleResolution: Deny}
    appleid.apple.com: {<<: *token, AmbiguousRoleResolution: AuthenticatedRole}
    graph.facebook.com: &c {<<: [*token, {Type: Nonsense}]}
    www.amazon.com: *c
    www.digits.com: {"AmbiguousRoleResolution": Deny, <<: {Type: Token}}
  SupportedLoginProviders:
    {accounts.google.com: &id "1", appleid.apple.com: *id, graph.facebook.com: *id,
     www.amazon.com: *id, www.digits.com: *id}
"""
    assert findings_of(text) == []


def test_an_error_in_what_an_alias_stands_for_is_placed_at_the_anchor(
    findings_of: FindingsOf,
) -> None:
    """That is where it has to be corrected."""
    found = findings_of(HEAD + "  SamlProviderARNs: [&a Okta]\n  OpenIdConnectProviderARNs: [*a]\n")
    assert [(each.line, each.column) for each in found] == [(7, 22), (7, 22)]


@pytest.mark.parametrize(
    ("merge", "column"), [("<<: 1", 13), ("<<: [{}, 2]", 18), ("<<: [[]]", 14)]
)
def test_a_merge_of_something_else_is_an_error(
    merge: str, column: int, findings_of: FindingsOf
) -> None:
    """Only mappings can be merged."""
    (finding,) = findings_of(HEAD + f"  Roles: {{{merge}}}".replace("Roles: {", "Roles: {"))
    assert (finding.line, finding.rule) == (7, "merge-key")
    assert finding.column == column + 2


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{chr(ord(name) - 1)}'] * 9)}]\n" for name in "bcdefghi"
)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (BOMB, "alias-expansion"),
        (
            "- &a0 [x]\n" + "".join(f"- &a{n} [*a{n - 1}]\n" for n in range(1, 70)),
            "alias-expansion",
        ),
        (
            "a: &a {k: v}\nb:\n" + f"  - {{<<: [{', '.join(['*a'] * MAX_ALIASED)}]}}",
            "alias-expansion",
        ),
        ("a: &a [*a]", "recursive-anchor"),
        ("a: &a {b: {c: *a}}", "recursive-anchor"),
        ("a: &a {<<: *a}", "recursive-anchor"),
    ],
)
def test_aliases_that_explode_or_never_end_are_refused(
    text: str, rule: str, findings_of: FindingsOf
) -> None:
    """Before anything walks them."""
    (finding,) = findings_of(text)
    assert finding.rule == rule


def test_findings_of_one_document_are_limited(findings_of: FindingsOf) -> None:
    """A file with a hundred thousand errors answers soon, and in little memory."""
    wrong = "".join(f"    -k{number}: {{}}\n" for number in range(5_000))
    adopt = HEAD.replace("  name: shop\n", f"  name: shop\n  adopt:\n{wrong}")
    twice = HEAD + "  IdentityPoolName: a\n" * 5_000
    assert [len(findings_of(text)) for text in (adopt, twice)] == [500, 500]


def _places(found: list[Finding]) -> list[tuple[int, int]]:
    return [(finding.line, finding.column) for finding in found]


WRONG = HEAD.replace("shop\n", "shop # a comment: not a key\n") + (
    "  # umlauts count as one column\n"
    '  IdentityPoolTags: {ä: "ö", ü: 1, 😀: 2}\n'
    "\n"
    "  SamlProviderARNs:\n"
    "  - &x\n"
    "    Okta\n"
)
WRONG_PLACES = [(8, 33), (8, 39), (11, 5)]


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_places_hold_with_any_line_ending(
    prefix: bytes, ending: str, findings_of: FindingsOf
) -> None:
    """Comments, characters beyond ASCII, carriage returns and a byte order mark move nothing."""
    content = prefix + WRONG.replace("\n", ending).encode()
    assert _places(findings_of(content)) == WRONG_PLACES


def test_places_hold_in_the_second_document(findings_of: FindingsOf) -> None:
    """Lines count from the top of the file; empty documents between do not matter."""
    first = GOOD.replace("\n", "\n", 1)
    text = f"---\n---\n{first}---\n# nothing\n---\n{WRONG}"
    shift = text[: text.index(WRONG)].count("\n")
    found = findings_of(text, project=TWO_TARGETS)
    assert _places(found) == [(line + shift, column) for line, column in WRONG_PLACES]


def test_documents_before_a_syntax_error_are_checked_as_well(findings_of: FindingsOf) -> None:
    """All errors in one go."""
    found = findings_of(f"{HEAD}  Foo: 1\n---\na: b: c\n")
    assert [finding.rule for finding in found] == ["unknown-field", "yaml-syntax"]


@pytest.mark.parametrize(
    "arns",
    [
        "[arn:aws:iam::123456789012:saml-provider/Okta]",
        "[arn:aws:iam::123456789012:saml-provider/a, arn:aws:iam::123456789012:saml-provider/b]",
        '["arn:aws:iam::123456789012:saml-provider/a",arn:aws:iam::123456789012:saml-provider/b]',
    ],
)
def test_colons_in_brackets_need_no_quotes(arns: str, findings_of: FindingsOf) -> None:
    """As YAML 1.2 says, though libyaml 0.1.7 refuses them; errors beside them keep their place."""
    assert findings_of(HEAD + f"  SamlProviderARNs: {arns}\n") == []
    (finding,) = findings_of(HEAD + f"  SamlProviderARNs: {arns}\n  Roles: {{'a':x::y}}\n")
    assert (finding.line, finding.column) == (8, 11)
    assert "\ue000" not in finding.message


def test_a_text_with_private_use_characters_keeps_them(findings_of: FindingsOf) -> None:
    """The stand-in for a colon is a character that the text does not have."""
    (finding,) = findings_of(HEAD + "  Roles: {authenticated: a:\ue000b}")
    assert "a:" in finding.message
    assert value_of(yaml_text.parse("[a:\ue000b]").roots[0]) == ["a:\ue000b"]


def test_plain_scalars_follow_yaml_1_2(findings_of: FindingsOf) -> None:
    """yes, on, dates, times and = are strings: they are in YAML 1.2, or are made so here."""
    values = ["yes", "on", "2026-01-01", "=", "12:30:45", "1_000", "0b1", "-", ".", "+"]
    tags = ", ".join(f"t{number}: {value}" for number, value in enumerate(values[:-3]))
    assert findings_of(HEAD + f"  IdentityPoolTags: {{{tags}}}\n") == []
    numbers = ["1", "-1", "+1", "0o7", "1.", ".5", "1e3", "-.inf", ".NaN", "9" * 5_000]
    tags = ", ".join(f"t{number}: {value}" for number, value in enumerate(numbers))
    found = findings_of(HEAD + f"  IdentityPoolTags: {{{tags}}}\n")
    assert [finding.rule for finding in found] == ["wrong-type"] * len(numbers)


@pytest.mark.parametrize(
    "lines",
    [
        '  "\\e[31mFoo": 1',
        '  Roles: {authenticated: "\\e[31m"}',
        '  IdentityPoolTags: {"aws:\\e[31m": a}',
        '  SupportedLoginProviders: {"\\e[31m": a}\n'
        "  RoleMappings: {x: {Type: Token, AmbiguousRoleResolution: Deny}}",
        "  DeveloperProviderName: !<!\\e[31m> x",
        f"  DeveloperProviderName: {'9' * 100_000}",
        f"  Roles: {{{'9' * 100_000}: x}}",
        f"  {'k' * 1_000}: x",
    ],
)
def test_what_a_file_holds_cannot_steer_the_terminal(lines: str, findings_of: FindingsOf) -> None:
    """Findings quote it without control signs, and cut."""
    found = findings_of(HEAD + lines)
    assert found
    for finding in found:
        text = f"{finding.path}{finding.message}{finding.fix}"
        assert text.isprintable()
        assert len(text) < 1_000
