"""A secret at each position of the login providers, in every bad form: no finding shows it."""

import pytest

from tests.specs.conftest import FindingsOf
from tests.specs.texts import HEAD

SECRET = "hush7Gd9k2PqLm4RsTvWxYz8Bc3Nf5Hj1"
NUMBER = "8046112936"
T = "api.twitter.com"
# What stands below `SupportedLoginProviders:`, on a line or several.
FORMS = {
    "tag in place of the value": f"{{{T}: !{SECRET} }}",
    "tag in place of the value, verbatim": f"{{{T}: !<{SECRET}> x}}",
    "tag of a domain": f"{{{T}: !<tag:{SECRET},2024:x> x}}",
    "standard tag": f"{{{T}: !!{SECRET} x}}",
    "tag with a semicolon": f"{{{T}: !key;{SECRET} x}}",
    "tag of the key": f"{{!{SECRET} {T}: x}}",
    "tag in place of the key": f"{{!{SECRET} : {T}}}",
    "tag of the mapping": f"!{SECRET} {{{T}: key;x}}",
    "tag of a list": f"!{SECRET} [{T}]",
    "local tag on the secret": f"{{{T}: !x key;{SECRET}}}",
    "tag of a type it is not": f"{{{T}: !!int {SECRET}}}",
    "tag handle": f"{{{T}: !{SECRET}!x y}}",
    "anchor and no value": f"{{{T}: &{SECRET} }}",
    "alias in place of the value": f"{{{T}: *{SECRET} }}",
    "alias in place of the key": f"{{*{SECRET} : {T}}}",
    "alias of itself": f"&{SECRET} {{{T}: *{SECRET} }}",
    "anchor twice": f"{{{T}: &{SECRET} a, {T}: &{SECRET} b}}",
    "merge of no mapping": f"{{<<: {SECRET}}}",
    "merge of an alias": f"{{<<: *{SECRET} }}",
    "duplicate names": f"{{{SECRET}: a, {SECRET}: b}}",
    "duplicate halves": f"{{key;{SECRET}: a, key;{SECRET}: b}}",
    "duplicate values": f"{{{T}: key;{SECRET}, {T}: key;{SECRET}}}",
    "list of the secret": f"{{{T}: [key, {SECRET}]}}",
    "mapping of the secret": f"{{{T}: {{key: {SECRET}}}}}",
    "mapping by the secret": f"{{{T}: {{{SECRET}: x}}}}",
    "duplicates by the secret": f"{{{T}: {{{SECRET}: x, {SECRET}: y}}}}",
    "name without a value": f"{{{SECRET}: }}",
    "name without a value, both halves": f"{{key;{SECRET}: }}",
    "name of a list": f"{{{SECRET}: [{T}]}}",
    "question mark": f"{{? [{SECRET}] : {T}}}",
    "question mark, mapping": f"{{? {{{SECRET}: x}} : {T}}}",
    "one text": f"{T}:key;{SECRET}",
    "one text in brackets": f"[{T}, key;{SECRET}]",
    "only the secret": SECRET,
    "list of pairs": f"[{{{T}: key;{SECRET}}}]",
    "list of names and values": f"[{{Key: {T}, Value: {SECRET}}}]",
    "comma": f"{{{T}: key,{SECRET}}}",
    "colon": f"{{{T}: key:{SECRET}}}",
    "colon, quoted": f"{{{T}: 'key:{SECRET}'}}",
    "space": f"{{{T}: key {SECRET}}}",
    "line in between": f'{{{T}: "key;\\n{SECRET}"}}',
    "quotes in quotes": f"{{{T}: '\"key;{SECRET}\"'}}",
    "quote that never ends": f"{{{T}: 'key;{SECRET}}}",
    "double quote that never ends": f'{{{T}: "key;{SECRET}}}',
    "wrong escape": f'{{{T}: "key;\\{SECRET}"}}',
    "bracket that never ends": f"{{{T}: key;{SECRET}",
    "bracket too many": f"{{{T}: key;{SECRET}}}}}",
    "percent": f"{{{T}: %{SECRET}}}",
    "at": f"{{{T}: @{SECRET}}}",
    "backtick": f"{{{T}: `{SECRET}`}}",
    "reference": f"{{{T}: 'key;${{secret.{SECRET}}}'}}",
    "reference as a name": f"{{'${{{SECRET}}}': {T}}}",
    "too long": f"{{{T}: key;{SECRET * 9}}}",
    "name too long": f"{{{SECRET * 9}: {T}}}",
    "name too long of a host": f"{{{'x.'}{SECRET * 9}: {T}}}",
    "url": f"{{https://{T}: key;{SECRET}}}",
    "url as the secret's name": f"{{https://{SECRET}: {T}}}",
    "name and secret in one": f"{{'{T}:key;{SECRET}': }}",
    "swapped": f"{{key;{SECRET}: {T}}}",
    "swapped without the key": f"{{{SECRET}: {T}}}",
    "swapped and like a host": f"{{key.{SECRET}: {T}}}",
    "swapped as a URL": f"{{key;{SECRET}: https://{T}}}",
    "swapped, value not right": f"{{{SECRET}: '{T} '}}",
    "block, no space": f"\n    {T}:key;{SECRET}",
    "block, a dash": f"\n    - {T}: key;{SECRET}",
    "block, tabs": f"\n\t\t{T}: key;{SECRET}",
    "block, too far left": f"\n  {T}: key;{SECRET}",
    "block, tag too far left": f"\n  {T}: !{SECRET} x",
    "block, alone too far left": f"\n {SECRET}",
    "block, literal": f"\n    {T}: |{SECRET}\n",
    "block, folded over lines": f"\n    {T}: >\n      key;\n      {SECRET}",
    "block, key on two lines": f"\n    {T}: key;\n    {SECRET}",
    "block, explicit key": f"\n    ? {SECRET}\n    : {T}",
    "control sign": f'{{{T}: "key;\\x07{SECRET}"}}',
    "number": f"{{{T}: {NUMBER}}}",
    "number as a name": f"{{{NUMBER}: {T}}}",
    "number as both": f"{{{NUMBER}: {NUMBER}}}",
    "number for all": NUMBER,
    "number in a list": f"{{{T}: [{NUMBER}]}}",
    "number by the tag": f"{{{T}: !!float {NUMBER}}}",
    "number with an exponent": f"{{{T}: {NUMBER}e5}}",
    "hexadecimal": f"{{{T}: 0x{NUMBER}}}",
    "number, other name": f"{{twitter: {NUMBER}}}",
}
FIELDS = (
    "SupportedLoginProviders",
    "SupportedLoginProvider",
    "supportedLoginProviders",
    "supported_login_providers",
    "LoginProviders",
)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_no_finding_shows_a_secret(form: str, field: str, findings_of: FindingsOf) -> None:
    """Not its message, its path or its fix, whatever is wrong."""
    found = repr(findings_of(f"{HEAD}  {field}: {form}"))
    if field == FIELDS[0]:
        assert found != "[]"
    for part in (SECRET[:8], SECRET[-8:], NUMBER):
        assert part.casefold() not in found.casefold(), found


@pytest.mark.parametrize("tag", ["!Ref", "!GetAtt", "!!set", "!!binary", "!!python/name:x", "!Foo"])
def test_a_tag_is_named_where_it_is_a_known_one(tag: str, findings_of: FindingsOf) -> None:
    """What nobody knows may be a value that begins with an exclamation mark."""
    found = findings_of(f"{HEAD}  DeveloperProviderName: {tag} x")
    (message,) = (each.message for each in found if each.rule == "unknown-tag")
    shown = "this tag" if tag in ("!!python/name:x", "!Foo") else f'the tag "{tag}"'
    assert message == f"{shown} is not allowed here"


def test_an_app_id_that_is_a_number_is_told(findings_of: FindingsOf) -> None:
    """It is public, and to forget its quotes is what people do."""
    found = findings_of(f"{HEAD}  SupportedLoginProviders: {{graph.facebook.com: {NUMBER}}}")
    assert [each.fix for each in found] == [f'quote it: "{NUMBER}"']


def test_a_misspelt_name_of_a_host_is_in_the_path(findings_of: FindingsOf) -> None:
    """What has no dot is no provider, and is masked."""
    form = "{graph.facebok.com: [], facebook: []}"
    found = findings_of(f"{HEAD}  SupportedLoginProviders: {form}")
    assert [each.path for each in found] == [
        'spec.SupportedLoginProviders["graph.facebok.com"]',
        'spec.SupportedLoginProviders["****"]',
    ]
