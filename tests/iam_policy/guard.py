"""A guard in front of the sandbox that lets through what IAM policies allow, as IAM would."""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.cli import ACCOUNT

# What the Service Authorization Reference has no resource type for is allowed on "*" or not at all.
WITHOUT_RESOURCE = {
    "CreateIdentityPool",
    "ListIdentityPools",
    "SetIdentityPoolRoles",
    "SetPrincipalTagAttributeMap",
}
_SCOPE = re.compile(r"Credential=(?P<key>[^/]+)/[0-9]+/(?P<region>[^/]+)/(?P<service>[^/]+)/")
_S3 = {"GET": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
_HOP = {"connection", "transfer-encoding", "host", "content-length"}

Need = tuple[str, str]


@dataclass(frozen=True)
class Request:
    """One signed request: who calls what, where, and with which parameters."""

    key: str
    region: str
    service: str
    operation: str
    parameters: Mapping[str, Any]

    @property
    def assumed(self) -> bool:
        """Whether the credentials are those of an assumed role."""
        return self.key.startswith("ASIA")

    def needs(self) -> list[Need]:
        """The actions that IAM asks for, each with the resource it asks them for."""
        own = f"{self.service}:{self.operation}"
        if own == "sts:GetCallerIdentity":
            return []
        if self.service in ("ssm", "secretsmanager"):
            return self._looked_up(own)
        if own == "sts:AssumeRole" and any(name.startswith("Tags.") for name in self.parameters):
            return [(own, self._resource()), ("sts:TagSession", self._resource())]
        if self.service != "cognito-identity":
            return [(own, self._resource())]
        pool = self.parameters.get("IdentityPoolId", "new")
        pools = f"arn:aws:cognito-identity:{self.region}:{ACCOUNT}:identitypool/"
        arn = self.parameters.get("ResourceArn", pools + pool)
        needs = [(own, "*" if self.operation in WITHOUT_RESOURCE else arn)]
        if self.operation == "CreateIdentityPool" and self.parameters.get("IdentityPoolTags"):
            needs.append(("cognito-identity:TagResource", arn))
        return needs + [("iam:PassRole", role) for role in _roles(self.parameters)]

    def _looked_up(self, own: str) -> list[Need]:
        """Parameters and secrets, each with its key: the services decrypt as the caller."""
        place = f"{self.region}:{ACCOUNT}"
        key = ("kms:Decrypt", f"arn:aws:kms:{place}:key/abc")
        if self.service == "ssm":
            names = (name.lstrip("/") for name in self.parameters["Names"])
            return [*((own, f"arn:aws:ssm:{place}:parameter/{name}") for name in names), key]
        arns = (
            f"arn:aws:secretsmanager:{place}:secret:{name}-AbCdEf"
            for name in self.parameters["SecretIdList"]
        )
        return [(own, "*"), *(("secretsmanager:GetSecretValue", arn) for arn in arns), key]

    def _resource(self) -> str:
        match self.service:
            case "s3":
                return f"arn:aws:s3:::{self.parameters['path']}"
            case "cognito-idp":
                pool = self.parameters.get("UserPoolId")
                arn = f"arn:aws:cognito-idp:{self.region}:{ACCOUNT}:userpool/{pool}"
                return arn if pool else "*"
            case "cloudformation":
                stack = self.parameters["StackName"]
                return f"arn:aws:cloudformation:{self.region}:{ACCOUNT}:stack/{stack}/abc"
            case "iam" if "RoleName" in self.parameters:
                return f"arn:aws:iam::{ACCOUNT}:role/{self.parameters['RoleName']}"
            case _:  # sns, sts and iam's policies
                named = ("TopicArn", "RoleArn", "PolicyArn")
                return next((str(self.parameters[n]) for n in named if n in self.parameters), "*")


@dataclass
class Guard:
    """Two policies, and what they were asked.

    ``role``: of whoever has assumed a role; ``caller``: of everybody else.
    """

    role: dict[str, Any]
    caller: dict[str, Any]
    url: str = ""
    seen: set[tuple[str, str]] = field(default_factory=set)
    used: set[tuple[str, str]] = field(default_factory=set)
    denied: list[str] = field(default_factory=list)

    def lets(self, request: Request) -> bool:
        """Whether each thing that the request needs is allowed by one statement."""
        self.seen.add((request.service, request.operation))
        policy = self.role if request.assumed else self.caller
        return all(self._allowed(policy, need, request) for need in request.needs())

    def _allowed(self, policy: dict[str, Any], need: Need, request: Request) -> bool:
        action, resource = need
        for statement in policy["Statement"]:
            if (
                action in _listed(statement["Action"])
                and any(_matches(p, resource) for p in _listed(statement["Resource"]))
                and _holds(statement.get("Condition", {}), request)
            ):
                self.used.add((statement["Sid"], action))
                return True
        self.denied.append(f"{action} on {resource}")
        return False


@contextmanager
def guarding(upstream: str, role: dict[str, Any], caller: dict[str, Any]) -> Iterator[Guard]:
    """A guard that listens in front of the sandbox at ``upstream``."""
    guard = Guard(role, caller)
    address = urlsplit(upstream).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            request = _request(self.command, self.path, self.headers, body)
            if guard.lets(request):
                self._send(*_forwarded(address, self, body))
            else:
                self._send(403, {"Content-Type": "text/xml"}, _denial(request))

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                if name.lower() not in _HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    guard.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield guard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _request(method: str, path: str, headers: Message, body: bytes) -> Request:
    scope = _SCOPE.search(headers["Authorization"])
    assert scope is not None, headers["Authorization"]
    who = scope["key"], scope["region"], scope["service"]
    if scope["service"] == "s3":
        place = unquote(urlsplit(path).path).lstrip("/")
        return Request(*who, _S3[method], {"path": place})
    if "X-Amz-Target" in headers:
        operation = headers["X-Amz-Target"].rpartition(".")[2]
        return Request(*who, operation, json.loads(body))
    form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    return Request(*who, form["Action"], form)


def _forwarded(
    address: str, handler: BaseHTTPRequestHandler, body: bytes
) -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection(address, timeout=30)
    try:
        # With the header Host as it is: it is among what was signed.
        connection.request(handler.command, handler.path, body, dict(handler.headers.items()))
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def _denial(request: Request) -> bytes:
    if request.service in {"cognito-identity", "cloudtrail"}:
        return json.dumps({"__type": "AccessDeniedException", "message": "denied"}).encode()
    error = "<Error><Code>AccessDenied</Code><Message>denied</Message></Error>"
    return (
        error if request.service == "s3" else f"<ErrorResponse>{error}</ErrorResponse>"
    ).encode()


def _roles(parameters: Mapping[str, Any]) -> list[str]:
    mappings = (parameters.get("RoleMappings") or {}).values()
    rules = [r for m in mappings for r in m.get("RulesConfiguration", {}).get("Rules", ())]
    return [*(parameters.get("Roles") or {}).values(), *(rule["RoleARN"] for rule in rules)]


def _matches(pattern: str, resource: str) -> bool:
    """IAM's wildcards: ``*`` and ``?``, and ``${*}`` for the star itself."""
    parts = re.split(r"(\$\{[*?$]\}|[*?])", pattern)
    kinds = {"*": ".*", "?": "."}
    expression = "".join(kinds.get(p) or re.escape(p[2] if p[:2] == "${" else p) for p in parts)
    return re.fullmatch(expression, resource) is not None


def _holds(condition: dict[str, Any], request: Request) -> bool:
    values = {
        "aws:RequestedRegion": request.region,
        "iam:PassedToService": "cognito-identity.amazonaws.com",
        "kms:ViaService": f"{request.service}.{request.region}.amazonaws.com",
    }
    assert set(condition) <= {"StringEquals"}, condition
    wanted = condition.get("StringEquals", {})
    return all(values[key] in _listed(allowed) for key, allowed in wanted.items())


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
