"""The services beside cognito-identity: those that are there, and those that say they are not."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conftest import Connect
from tests.sandbox.support import NOBODY, REGION, content, refused

DOCS = Path(__file__).parents[2] / "docs" / "sandbox.md"
# Tests have it, and whoever installs the extra `sandbox` has not.
BEYOND_THE_EXTRA = "openapi_spec_validator"
# What moto says of each of its services when it is imported.
_IMPORTS = f"""
import json
import sys
sys.modules["{BEYOND_THE_EXTRA}"] = None
from moto.backends import get_backend, list_of_moto_modules
missing = []
for name in list_of_moto_modules():
    try:
        get_backend(name)
    except ImportError:
        missing.append(name)
    except AttributeError:
        pass  # no service
print(json.dumps(sorted(missing)))
"""


@pytest.fixture
def extra_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No package is there but those of the extra, and moto has imported nothing with others."""
    for name in list(sys.modules):
        if re.match(r"moto\.(cloudformation|apigateway)(\.|$)", name):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, BEYOND_THE_EXTRA, None)


@pytest.mark.usefixtures("extra_alone")
@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("apigateway", "get_rest_apis"),  # REST and JSON
        ("cloudformation", "list_stacks"),  # XML
        ("glue", "get_databases"),  # JSON
        ("xray", "get_groups"),
    ],
)
def test_services_without_their_package_say_so(
    sandbox: Any, connect: Connect, service: str, operation: str
) -> None:
    """A service whose packages are not installed is HTTP 501 with a sentence in its protocol."""
    client = connect(sandbox, service=service)
    for _ in range(2):
        with refused("NotImplementedException", f"The sandbox has no {service}", 501):
            getattr(client, operation)()
    with refused("NotImplementedException", "needs the Python package '", 501):
        getattr(client, operation)()


@pytest.mark.parametrize(
    ("service", "operation"),
    [("workmail", "list_organizations"), ("cloudsearch", "describe_domains")],
)
def test_services_that_moto_has_not_say_so(
    sandbox: Any,
    connect: Connect,
    service: str,
    operation: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A service that nobody knows is HTTP 501 with a sentence, and nothing is printed."""
    with refused("NotImplementedException", f"The sandbox has no {service}.", 501):
        getattr(connect(sandbox, service=service), operation)()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("service", "operation"),
    [("events", "list_endpoints"), ("ec2", "describe_aggregate_id_format")],
)
def test_calls_that_moto_has_not_say_so(
    sandbox: Any, connect: Connect, service: str, operation: str
) -> None:
    """A call that moto has not is HTTP 501 with moto's sentence, in the service's protocol."""
    with refused("NotImplementedException", f"The {operation} action", 501):
        getattr(connect(sandbox, service=service), operation)()


def test_the_docs_name_the_services_that_are_missing() -> None:
    """docs/sandbox.md names the services of moto that the sandbox has not, and no others."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _IMPORTS],
        capture_output=True, text=True, check=True, timeout=100,
    )  # fmt: skip
    said = re.search(r"moto's own services but (.*?)\.", DOCS.read_text(), re.DOTALL)
    assert said
    assert sorted(re.findall(r"`(\w+)`", said[1])) == json.loads(done.stdout)


def test_a_user_pool_signs_in(sandbox: Any, client: Any, connect: Connect) -> None:
    """A user of moto's cognito-idp signs in, and the identity pool takes the ID token alone."""
    idp = connect(sandbox, service="cognito-idp")
    users = idp.create_user_pool(PoolName="shop")["UserPool"]["Id"]
    app = idp.create_user_pool_client(UserPoolId=users, ClientName="web")
    app_id = app["UserPoolClient"]["ClientId"]
    idp.admin_create_user(UserPoolId=users, Username="ann", MessageAction="SUPPRESS")
    idp.admin_set_user_password(
        UserPoolId=users, Username="ann", Password="Pass-w0rd", Permanent=True
    )
    provider = f"cognito-idp.{REGION}.amazonaws.com/{users}"
    pool_id = client.create_identity_pool(
        IdentityPoolName="shop",
        AllowUnauthenticatedIdentities=False,
        CognitoIdentityProviders=[{"ProviderName": provider, "ClientId": app_id}],
    )["IdentityPoolId"]

    def sign_in() -> dict[str, str]:
        parameters = {"USERNAME": "ann", "PASSWORD": "Pass-w0rd"}
        answer = idp.initiate_auth(
            ClientId=app_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
        )
        tokens: dict[str, str] = answer["AuthenticationResult"]
        return tokens

    def identity(token: str) -> dict[str, Any]:
        return content(client.get_id(IdentityPoolId=pool_id, Logins={provider: token}))

    tokens = sign_in()
    assert identity(tokens["IdToken"]) == identity(sign_in()["IdToken"])
    with refused("NotAuthorizedException", "Missing a required claim: aud"):
        identity(tokens["AccessToken"])


def test_sync_is_closed(sandbox: Any, connect: Connect) -> None:
    """Cognito Sync takes no new customers: SetCognitoEvents, and every other call of it."""
    sync = connect(sandbox, service="cognito-sync")
    message = "Amazon Cognito Sync is closed to new customers."
    with refused("NotAuthorizedException", message, status=403):
        sync.set_cognito_events(IdentityPoolId=NOBODY, Events={})
    with refused("NotAuthorizedException", message, status=403):
        sync.get_identity_pool_configuration(IdentityPoolId=NOBODY)
