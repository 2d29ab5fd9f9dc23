"""What the corpus needs to know besides its files."""

from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from reconciler.model.pool import Pool, canonical_pool
from tests.converters.conftest import CORPUS


def yaml_values(text: str) -> list[Any]:
    """The documents of a stream, read by another reader than idpool's."""
    return list(YAML(typ="safe", pure=True).load_all(text))


POOL_ID: Final = "eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
USER_POOL: Final = "eu-west-1_Ab129faBb"
PROVIDER: Final = f"cognito-idp.eu-west-1.amazonaws.com/{USER_POOL}"
CLIENT: Final = "7lhlkkfbfb4q5kpp90urffao"
_ROLE: Final = "arn:aws:iam::123456789012:role/storefront-"
_ACCOUNT: Final = ("--account", "123456789012")
_REGION: Final = ("--region", "eu-west-1")


def _set(**values: str) -> tuple[str, ...]:
    return tuple(word for name, value in values.items() for word in ("--set", f"{name}={value}"))


def _pairs(option: str, *pairs: str) -> tuple[str, ...]:
    return tuple(word for pair in pairs for word in (option, pair))


# The options that each template needs, by its file's name.
TEMPLATE_OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "storefront-literal.yaml": (),
    "storefront-literal.json": (),
    "storefront-tabs.json": (),
    "storefront-anchors.yaml": (),
    "storefront-splits.yaml": (),
    "storefront-conditions.yaml": (),
    "storefront-mappings.yaml": _REGION,
    "storefront-json-strings.yaml": _ACCOUNT,
    "storefront-short-forms.yaml": _pairs(
        "--set",
        f"UserPool.ProviderName={PROVIDER}",
        f"WebClient={CLIENT}",
        f"AuthRole.Arn={_ROLE}auth",
        f"GuestRole.Arn={_ROLE}guest",
        f"AdminRole.Arn={_ROLE}admin",
        f"PaidRole.Arn={_ROLE}paid",
        "Okta=arn:aws:iam::123456789012:saml-provider/Okta",
        "Issuer.Arn=arn:aws:iam::123456789012:oidc-provider/token.example.com",
    ),
    "storefront-long-forms.yaml": (
        *_ACCOUNT,
        *_pairs(
            "--set",
            f"UserPool={USER_POOL}",
            f"WebClient.ClientId={CLIENT}",
            f"AuthRole.Arn={_ROLE}auth",
        ),
    ),
    "storefront-long-forms.json": (
        *_pairs("--parameter", "Account=123456789012"),
        *_set(UP=USER_POOL, UPC=CLIENT),
    ),
    "storefront-parameters.yaml": (
        *_ACCOUNT,
        *_pairs(
            "--parameter",
            "GoogleApp=123456789012.apps.googleusercontent.com",
            f"WebClientId={CLIENT}",
        ),
    ),
    "storefront-derived.yaml": (*_ACCOUNT, *_set(Users=USER_POOL, Web=CLIENT)),
    "storefront-elsewhere.yaml": (
        *_pairs("--parameter", "Stage=prod"),
        *_pairs(
            "--set",
            "resolve:ssm:/shop/facebook:1=7346241598935555",
            "resolve:secretsmanager:shop/google:SecretString:id=123456789012",
            "ImportValue:issuer-arn=arn:aws:iam::123456789012:oidc-provider/token.example.com",
            "ImportValue:okta-prod=arn:aws:iam::123456789012:saml-provider/Okta",
            f"ImportValue:users-prod-provider={PROVIDER}",
            f"ImportValue:users-client={CLIENT}",
            f"RolesStack.Outputs.Auth={_ROLE}auth",
            f"RolesStack.Outputs.Guest={_ROLE}guest",
            f"RolesStack.Outputs.Admin={_ROLE}admin",
            f"RolesStack.Outputs.Paid={_ROLE}paid",
        ),
    ),
    "storefront-cdk.json": (
        *_REGION,
        *_pairs(
            "--set",
            f"UserPool6BA7E5F2={USER_POOL}",
            f"UserPoolWeb61A0C2={CLIENT}",
            f"AuthRoleDC8A3E17.Arn={_ROLE}auth",
            f"GuestRole0B1C2D3E.Arn={_ROLE}guest",
        ),
    ),
}

_MAIN: Final = "aws_cognito_identity_pool.main"
STATE_OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "storefront-plan-unknown.json": _pairs(
        "--set",
        f"{_MAIN}.cognito_identity_providers[0].client_id={CLIENT}",
        f"{_MAIN}.cognito_identity_providers[0].provider_name={PROVIDER}",
        f"aws_cognito_identity_pool_roles_attachment.main.roles.authenticated={_ROLE}auth",
        "aws_cognito_identity_pool_roles_attachment.main.role_mapping[0].identity_provider"
        f"={PROVIDER}:{CLIENT}",
        f"aws_cognito_identity_pool_provider_principal_tag.main.identity_provider_name={PROVIDER}",
    ),
}
# Plans in which the pool is to be made first.
WITHOUT_ID: Final = frozenset({"storefront-plan-create.json", "storefront-plan-unknown.json"})


def templates() -> list[Path]:
    """Every template that says what storefront.yaml says."""
    return sorted((CORPUS / "cloudformation").glob("storefront-*"))


def states() -> list[Path]:
    """Every state and plan that says what storefront.yaml says."""
    return sorted((CORPUS / "terraform").glob("storefront-*"))


def storefront() -> dict[str, Any]:
    """The ``spec:`` that all of these stand for, written by hand."""
    (spec,) = yaml_values((CORPUS / "storefront.yaml").read_text())
    return dict(spec)


def pool_of(document: dict[str, Any]) -> Pool:
    """A document's pool in the form in which pools are compared."""
    return canonical_pool({"AllowClassicFlow": False, **document["spec"]})
