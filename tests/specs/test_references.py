"""References in text: what is one, what is none, and what the schemes stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.project import Project, Reads, Target, TargetValues, TerraformState
from reconciler.specs.references import SCHEMES, Surroundings, Unread, Unresolved, resolved
from reconciler.text.references import BadReference, Reference, as_written, escaped, parse, replaced

EU = Target(name="prod-eu", account="111122223333", region="eu-west-1")
CHINA = Target(name="cn", account="444455556666", region="cn-north-1")
AMBIENT = Target(name="default")
PROJECT = Project(
    targets=(EU, CHINA),
    vars={"stage": "prod", "team": "shop"},
    values={"cn": TargetValues(vars={"stage": "cn"}, defaults={})},
    reads=Reads(
        ssm=("/shop/*",),
        secret=("shop/?",),
        stack=("shop-*",),
        terraform={"base": TerraformState("s3://b/k", "eu-west-1", "ambient", ("role_*",))},
    ),
)


def value(text: str, target: Target = EU) -> str:
    """What a text stands for in a target; ``?`` for what must be read."""

    def value_of(reference: Reference) -> str:
        try:
            return resolved(reference, Surroundings.of(target, PROJECT))
        except Unread:
            return "?"

    return replaced(parse(text), value_of)


MEANINGS = [
    ("plain", "plain"),
    ("", ""),
    ("$", "$"),
    ("a$b {c} }", "a$b {c} }"),
    ("$${var.stage}", "${var.stage}"),
    ("$$${x}", "$${x}"),
    ("a-${var.stage}-${var.team}", "a-prod-shop"),
    ("${var.stage}$${", "prod${"),
    ("${target.name}/${target.account}/${target.region}", "prod-eu/111122223333/eu-west-1"),
    ("${target.partition}.${target.suffix}", "aws.amazonaws.com"),
    ("${role.a}", "arn:aws:iam::111122223333:role/a"),
    ("${role.team/${var.team}/a}", "arn:aws:iam::111122223333:role/team/shop/a"),
    ("${samlProvider.Okta}", "arn:aws:iam::111122223333:saml-provider/Okta"),
    (
        "${oidcProvider.token.actions.githubusercontent.com/acme}",
        "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com/acme",
    ),
    ("${ssm./shop/${var.stage}/id:3}", "?"),
    ("${secret.shop/x#a.b/c}", "?"),
    ("${stack.shop-base.Role}", "?"),
    ("${terraform.base.role_admin}", "?"),
    ("${userPool.my users}", "?"),
    ("x${userPoolClient.a/b}y", "x?y"),
]


@pytest.mark.parametrize(("text", "meant"), MEANINGS)
def test_a_text_means(text: str, meant: str) -> None:
    assert value(text) == meant


def test_partition_and_suffix_are_those_of_the_region() -> None:
    assert value("${target.suffix} ${role.a} ${var.stage}", CHINA) == (
        "amazonaws.com.cn arn:aws-cn:iam::444455556666:role/a cn"
    )


@pytest.mark.parametrize("text", ["${target.account}", "${role.a}", "${target.partition}"])
def test_of_the_ambient_target_only_aws_knows_the_account(text: str) -> None:
    assert value(text, AMBIENT) == "?"
    assert value("${target.name}", AMBIENT) == "default"


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("${", "$${"),
        ("a ${var.stage", "$${"),
        ("${}", "$${"),
        ("${x}", "$${"),
        ("${.x}", "$${"),
        ("${x.}", "$${"),
        ("${ var.stage}", "$${"),
        ("${env:HOME}", "$${"),
        ("${AWS::AccountId}", "${target.account}"),
        ("${AWS::Region}", "${target.region}"),
        ("${ssm.${ssm.a}}", "${var.NAME}"),
        ("${ssm.a{b}}", "${var.NAME}"),
        ("${ssm.${var.${var.a}}}", "${var.NAME}"),
        ("${" * 5000 + "}" * 5000, "${var.NAME}"),
    ],
)
def test_what_is_no_reference_says_what_to_write(text: str, fix: str) -> None:
    with pytest.raises(BadReference) as bad:
        parse(text)
    assert fix in bad.value.fix


@pytest.mark.parametrize(
    ("text", "message", "fix"),
    [
        ("${rolle.a}", '"rolle"', '"role"'),
        ("${nothing.a}", '"nothing"', "target, var"),
        ("${target.regoin}", '"regoin"', '"region"'),
        ("${target.arn}", '"arn"', "suffix"),
        ("${var.stge}", 'no var "stge"', '"stage"'),
        ("${var.none}", '"none"', "vars:"),
        ("${role./a}", "slash", '"a"'),
        ("${oidcProvider.https://x.example}", "https://", '"x.example"'),
        ("${userPoolClient.a}", "userPoolClient", "POOL/CLIENT"),
        ("${stack.a}", "stack", "NAME.OUTPUT"),
        ("${ssm./other}", "does not allow", 'reads: {ssm: ["/other"]}'),
        ("${secret.shop/ab#k}", "does not allow", 'reads: {secret: ["shop/ab"]}'),
        ("${stack.other.Role}", "does not allow", 'reads: {stack: ["other"]}'),
        ("${terraform.bas.role_x}", '"bas"', '"base"'),
        ("${terraform.none.role_x}", '"none"', "reads: {terraform: {none:"),
        ("${terraform.base.secret}", '"secret"', "reads.terraform.base"),
    ],
)
def test_what_stands_for_nothing_says_what_to_do(text: str, message: str, fix: str) -> None:
    with pytest.raises(Unresolved) as wrong:
        value(text)
    assert message in str(wrong.value)
    assert fix in wrong.value.fix


def test_every_scheme_is_in_a_row_above() -> None:
    """A new scheme needs a meaning here."""
    texts = "".join(text for text, _ in MEANINGS)
    assert [name for name in SCHEMES if f"${{{name}." not in texts] == []


@given(st.lists(st.sampled_from(["$", "{", "}", "${", "$${", "var.", "x", ".", "ssm./a"])))
def test_what_is_parsed_is_written_as_it_was(pieces: list[str]) -> None:
    text = "".join(pieces)
    try:
        parts = parse(text)
    except BadReference:
        return
    assert as_written(parts) == text


@given(st.text(st.sampled_from("${}.$ax")))
def test_what_is_escaped_means_itself(text: str) -> None:
    """Whatever AWS has in a tag can be written into a spec."""
    assert value(escaped(text)) == text
    assert value(f"{escaped(text)} {escaped(text)}") == f"{text} {text}"
