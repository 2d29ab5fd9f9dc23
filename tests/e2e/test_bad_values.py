"""Mistakes with references, layers and globs: each is named with its place, its reason and its fix.

What only AWS knows refuses a pool in a plan: see ``test_values_per_target.py``.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.cli import Idpool

PROJECT = """\
apiVersion: idpool/v1
kind: Project
owner: acme
vars: {stage: prod}
reads:
  ssm: ["/shop/*"]
  secret: [shop]
  stack: ["shop-*"]
  userPool: ["shop-*"]
  terraform: {base: {state: "s3://acme-state/base", region: eu-west-1, credentials: ambient}}
defaults: {IdentityPoolTags: {owner: us}}
ignoreTags: ["cost:*"]
targets:
  prod-eu: {account: "111122223333", region: eu-west-1}
  prod-us: {account: "444455556666", region: us-east-1}
  dev: {account: "777788889999", region: eu-west-1}
"""
SPEC = """\
apiVersion: idpool/v1
kind: IdentityPool
metadata: {name: shop}
spec:
  IdentityPoolName: shop
"""


@dataclass(frozen=True)
class Mistake:
    """What is wrong, and what idpool has to say: where, which rule, what, and what to do.

    ``lines`` follow the spec, ``metadata`` stands in it; ``settings``: a text of the project file
    and what stands there instead.
    """

    place: str
    rule: str
    what: str
    fix: str
    lines: str = ""
    metadata: str = "name: shop"
    settings: tuple[str, str] = ("", "")


def tag(value: str) -> str:
    """A tag that has this value."""
    return f"  IdentityPoolTags: {{a: {value}}}\n"


SHOP, FILE = "specs/shop.yaml", "idpool.yaml"
TAG = f"{SHOP}:6:25"
ALIAS = 'a "*" that is not quoted begins an alias of YAML'
OPENS = 'the "{" of a reference opens a mapping where the reference is not quoted'
NOT_READ = "the project does not allow {} to be read"
SECRET = "${secret.shop#key} is a secret, and AWS shows this to all who may describe the pool"
LOGINS_ONLY = "a secret may stand in a value of SupportedLoginProviders only"
SAYS_ELSE = '"prod-*" fits the same target and says something else (in target prod-eu)'
NARROWER = "write it under the target's name, or make one of the globs narrower"
NO_TEXT = "is the number 42, not a string"
IN_METADATA = "holds a reference, and metadata is the same in all targets"
ITSELF = "write the text itself; references may stand in spec and perTarget"
HIDDEN = "this tag has no effect: ignoreTags leaves it alone"
UNHIDE = "remove it here, or its pattern there"

MISTAKES = {
    "a reference in braces": Mistake(
        TAG, "yaml-syntax", OPENS, 'quote it: "${var.stage}"', tag("${var.stage}")
    ),
    "a reference in brackets": Mistake(
        f"{SHOP}:6:22",
        "yaml-syntax",
        OPENS,
        'quote it: "${samlProvider.Okta}"',
        "  SamlProviderARNs: [${samlProvider.Okta}]\n",
    ),
    "a glob in brackets": Mistake(
        f"{SHOP}:3:34",
        "yaml-syntax",
        ALIAS,
        'where a glob is meant, quote it: "*-eu"',
        metadata="name: shop, targets: [*-eu]",
    ),
    "a glob as a key": Mistake(
        f"{SHOP}:7:3",
        "yaml-syntax",
        ALIAS,
        'where a glob is meant, quote it: "*-eu"',
        "perTarget:\n  *-eu: {AllowClassicFlow: true}\n",
    ),
    "a parameter outside of reads": Mistake(
        TAG,
        "unresolved-reference",
        NOT_READ.format("${ssm./other}"),
        'add it to idpool.yaml: reads: {ssm: ["/other"]}',
        tag('"${ssm./other}"'),
    ),
    "a stack outside of reads": Mistake(
        TAG,
        "unresolved-reference",
        NOT_READ.format("${stack.other.Role}"),
        'add it to idpool.yaml: reads: {stack: ["other"]}',
        tag('"${stack.other.Role}"'),
    ),
    "a secret outside of reads": Mistake(
        f"{SHOP}:6:46",
        "unresolved-reference",
        NOT_READ.format("${secret.other#key}"),
        'add it to idpool.yaml: reads: {secret: ["other"]}',
        '  SupportedLoginProviders: {api.twitter.com: "${secret.other#key}"}\n',
    ),
    "a Terraform state outside of reads": Mistake(
        TAG,
        "unresolved-reference",
        'the project names no Terraform state "other"',
        "add it to idpool.yaml: reads: {terraform: {other: {state: s3://...}}}",
        tag('"${terraform.other.role}"'),
    ),
    "a user pool outside of reads": Mistake(
        TAG,
        "unresolved-reference",
        NOT_READ.format("${userPool.users}"),
        'add it to idpool.yaml: reads: {userPool: ["users"]}',
        tag('"${userPool.users}"'),
    ),
    "something outside of reads, in a key": Mistake(
        f"{SHOP}:6:18",
        "unresolved-reference",
        NOT_READ.format("${ssm./other}"),
        'add it to idpool.yaml: reads: {ssm: ["/other"]}',
        '  RoleMappings: {"${ssm./other}": {Type: Token, AmbiguousRoleResolution: Deny}}\n',
    ),
    "a secret in a tag": Mistake(
        TAG, "unresolved-reference", SECRET, LOGINS_ONLY, tag('"${secret.shop#key}"')
    ),
    "a secret as the name of a login provider": Mistake(
        f"{SHOP}:6:29",
        "unresolved-reference",
        SECRET,
        LOGINS_ONLY,
        '  SupportedLoginProviders: {"${secret.shop#key}": "1"}\n',
    ),
    "a secret in a default": Mistake(
        f"{FILE}:11:31",
        "unresolved-reference",
        SECRET,
        LOGINS_ONLY,
        settings=("owner: us", 'owner: "${secret.shop#key}"'),
    ),
    "an unknown scheme": Mistake(
        TAG,
        "unresolved-reference",
        'there is no scheme "rolle"',
        'did you mean "role"?',
        tag('"${rolle.shop}"'),
    ),
    "a scheme like no other": Mistake(
        TAG,
        "unresolved-reference",
        'there is no scheme "env"',
        "the schemes are target, var, role",
        tag('"${env.HOME}"'),
    ),
    "an unknown var": Mistake(
        TAG,
        "unresolved-reference",
        'there is no var "stge"',
        'did you mean "stage"?',
        tag('"${var.stge}"'),
    ),
    "an unknown property of the target": Mistake(
        TAG,
        "unresolved-reference",
        'a target has no "acount"',
        'did you mean "account"?',
        tag('"${target.acount}"'),
    ),
    "an unknown Terraform state": Mistake(
        TAG,
        "unresolved-reference",
        'the project names no Terraform state "bse"',
        'did you mean "base"?',
        tag('"${terraform.bse.role}"'),
    ),
    "a var that names a var": Mistake(
        f"{FILE}:4:15",
        "bad-reference",
        "a var is text without references",
        "write the value itself, or the reference where the var is used",
        settings=("stage: prod", 'stage: "${var.x}", x: prod'),
    ),
    "two globs that set a field": Mistake(
        f"{SHOP}:8:12",
        "overlay-conflict",
        SAYS_ELSE,
        NARROWER,
        'perTarget:\n  "prod-*": {AllowClassicFlow: true}\n  "*-eu": {AllowClassicFlow: false}\n',
    ),
    "two globs that set a key": Mistake(
        f"{SHOP}:8:31",
        "overlay-conflict",
        SAYS_ELSE,
        NARROWER,
        'perTarget:\n  "prod-*": {IdentityPoolTags: {a: "1"}}\n'
        '  "*-eu": {IdentityPoolTags: {a: "2"}}\n',
    ),
    "an overlay for a target that the spec does not go to": Mistake(
        f"{SHOP}:6:13",
        "said-elsewhere",
        'the spec goes to no target that is called "dev"',
        "add it to metadata.targets, or remove this",
        "perTarget: {dev: {AllowClassicFlow: true}}\n",
        metadata='name: shop, targets: ["prod-*"]',
    ),
    "an overlay for an unknown target": Mistake(
        f"{SHOP}:6:13",
        "unknown-target",
        'the project has no target "deev"',
        'did you mean "dev"?',
        "perTarget: {deev: {AllowClassicFlow: true}}\n",
    ),
    "a default tag that ignoreTags hides": Mistake(
        f"{FILE}:11:31",
        "ignored-tag",
        HIDDEN,
        UNHIDE,
        settings=("owner: us", '"cost:center": "42"'),
    ),
    "a default tag of a target that ignoreTags hides": Mistake(
        f"{FILE}:16:39",
        "ignored-tag",
        HIDDEN,
        UNHIDE,
        settings=("dev: {", 'dev: {defaults: {IdentityPoolTags: {"cost:center": "42"}}, '),
    ),
    "a reference in metadata.name": Mistake(
        f"{SHOP}:3:18", "wrong-format", IN_METADATA, ITSELF, metadata='name: "shop-${var.stage}"'
    ),
    "a reference in metadata.targets": Mistake(
        f"{SHOP}:3:34",
        "wrong-format",
        IN_METADATA,
        ITSELF,
        metadata='name: shop, targets: ["${var.stage}-eu"]',
    ),
    "a Terraform state that is nowhere": Mistake(
        f"{FILE}:10:29",
        "wrong-format",
        '"acme/base" is no place of a Terraform state',
        "write s3://BUCKET/KEY",
        settings=("s3://acme-state/", "acme/"),
    ),
    "a number in a tag": Mistake(TAG, "wrong-type", NO_TEXT, 'quote it: "42"', tag("42")),
    "a number in an overlay": Mistake(
        f"{SHOP}:6:41",
        "wrong-type",
        NO_TEXT,
        'quote it: "42"',
        "perTarget: {dev: {IdentityPoolTags: {a: 42}}}\n",
    ),
    "a number in a default": Mistake(
        f"{FILE}:11:38",
        "wrong-type",
        NO_TEXT,
        'quote it: "42"',
        settings=("owner: us", "owner: 42"),
    ),
    "a number as a var": Mistake(
        f"{FILE}:4:15",
        "wrong-type",
        NO_TEXT,
        'quote it: "42"',
        settings=("stage: prod", "stage: 42"),
    ),
    "a list in an overlay of a map": Mistake(
        f"{SHOP}:8:9",
        "wrong-type",
        "perTarget.dev.Roles: is a list, not a mapping",
        'write KEY: VALUE lines without "- "',
        '  Roles: {authenticated: "${role.a}"}\nperTarget:\n  dev: {Roles: ["${role.b}"]}\n',
    ),
    "a list of tags in an overlay": Mistake(
        f"{SHOP}:8:9",
        "wrong-type",
        "perTarget.dev.IdentityPoolTags: is a list, not a mapping",
        "write tags as KEY: VALUE lines, not as a list of Key and Value",
        tag("b") + "perTarget:\n  dev: {IdentityPoolTags: []}\n",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
@pytest.mark.parametrize("command", ["validate", "plan"])
def test_a_mistake_is_named_with_place_and_fix(
    tmp_path: Path, command: str, mistake: Mistake
) -> None:
    """Once, whatever the number of targets, and before anything is sent."""
    idpool = Idpool(tmp_path)
    idpool.write(FILE, PROJECT.replace(*mistake.settings))
    idpool.write(SHOP, SPEC.replace("name: shop", mistake.metadata) + mistake.lines)
    done = idpool.run(command)
    assert done.code == 1, done.text
    found, fix = done.err.splitlines()[:2]
    assert found.startswith(f"{mistake.place}: error: ")
    assert mistake.what in found
    assert found.endswith(f" [{mistake.rule}]")
    assert fix.startswith("  fix: ")
    assert mistake.fix in fix
    assert "1 error in 1 file." in done.err
