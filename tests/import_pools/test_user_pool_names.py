"""Comments that say what user pools are called, where AWS tells."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.import_pools.conftest import Account, Imports
from tests.support.cli import Idpool

HERE = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_"
ENDPOINT = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"


@dataclass
class UserPools:
    """A server of user pools: names by id, and which were asked for.  ``broken``: its answer."""

    url: str = ""
    names: dict[str, object] = field(default_factory=dict)
    broken: tuple[int, str] | None = None
    asked: list[str] = field(default_factory=list)

    def answer(self, operation: str, pool_id: str) -> tuple[int, str]:
        """Status and body."""
        assert operation == "AWSCognitoIdentityProviderService.DescribeUserPool"
        self.asked.append(pool_id)
        if self.broken:
            return self.broken
        if pool_id not in self.names:
            return 400, json.dumps({"__type": "ResourceNotFoundException", "message": "gone"})
        return 200, json.dumps({"UserPool": {"Id": pool_id, "Name": self.names[pool_id]}})


@contextmanager
def serving() -> Iterator[UserPools]:
    """The server, on a free port of loopback."""
    pools = UserPools()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, text = pools.answer(self.headers["X-Amz-Target"], body["UserPoolId"])
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pools.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield pools
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def user_pools() -> Iterator[UserPools]:
    """A server of user pools."""
    with serving() as running:
        yield running


@pytest.fixture
def naming(idpool: Idpool, user_pools: UserPools) -> Imports:
    """Imports that reach it."""
    environment = {**idpool.environment, ENDPOINT: user_pools.url}
    return Imports(replace(idpool, environment=environment))


def shop(account: Account, *providers: str) -> None:
    """A pool with two clients of each of these."""
    clients = [{"ProviderName": name, "ClientId": c} for name in providers for c in ("a", "b")]
    account.create("shop", CognitoIdentityProviders=clients)


def test_each_user_pool_is_asked_for_once_and_only_when_that_is_wanted(
    account: Account, naming: Imports, user_pools: UserPools, idpool: Idpool
) -> None:
    """A strange name stays within its comment; one that is gone or elsewhere has none."""
    user_pools.names = {"eu-west-1_A": "people:\n- of\x1b[31m us"}
    shop(account, f"{HERE}A", f"{HERE}Gone", "cognito-idp.us-east-1.amazonaws.com/us-east-1_B")
    bare = naming("shop")["shop.yaml"]
    assert user_pools.asked == []
    (idpool.folder / "specs/shop.yaml").unlink()
    text = naming("shop", "--user-pool-names")["shop.yaml"]
    comment = "    # user pool people:\n    # - of?[31m us\n"
    assert text.count(f"{comment}    -") == 2
    assert text.replace(comment, "") == bare
    assert user_pools.asked == ["eu-west-1_A", "eu-west-1_Gone"]
    assert idpool.run("plan", "specs").code == 0


@pytest.mark.parametrize(
    "broken",
    [
        (403, '{"__type": "AccessDeniedException", "message": "no"}'),
        (500, "oops"),
        (200, "half an ans"),
        (200, '{"UserPool": {"Name": {"a": 1}}}'),
    ],
)
def test_without_an_answer_pools_are_imported_without_names(
    account: Account, naming: Imports, user_pools: UserPools, broken: tuple[int, str]
) -> None:
    """It is no failure, and nobody is asked again and again."""
    user_pools.broken = broken
    shop(account, f"{HERE}A", f"{HERE}B", f"{HERE}C")
    assert "#" not in naming("shop", "--user-pool-names")["shop.yaml"]
    assert len(user_pools.asked) == (3 if "UserPool" in broken[1] else 1)


def test_the_sandbox_has_no_user_pools(imported: Imports) -> None:
    """It is said rather than nothing found."""
    imported("shop", "--sandbox", "--user-pool-names", code=64)
    assert "--sandbox has no user pools" in imported.result.err
