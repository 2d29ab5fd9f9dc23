"""How AWS is reached in one run: each session, client and caller once, whatever uses it."""

import os
import platform
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import KW_ONLY, dataclass, replace
from functools import cache, partial
from threading import BoundedSemaphore, Lock
from typing import Any, NamedTuple, Protocol

import botocore
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import NoRegionError
from botocore.loaders import Loader, create_loader
from botocore.session import Session

from reconciler import __version__
from reconciler.bounded_answers import bound_answers
from reconciler.live.calls import Channel, Limits, Repeating
from reconciler.live.failures import FAILURES, Operation, problem_of, target_problem
from reconciler.live.listing import Listing
from reconciler.live.retry import Budget
from reconciler.live.whole_answers import insist_on_whole_answers
from reconciler.model.partitions import partition_of
from reconciler.model.project import RoleSession, Target
from reconciler.model.request import PARALLELISM, SETTLE_SECONDS
from reconciler.model.secrets import scrub_urls

# The sandbox takes a 12-digit access key id as the account that is meant.
_SANDBOX_ACCOUNT = "123456789012"
_POLL_SECONDS = 0.5
_SANDBOX_REGION = "eu-west-1"
_JSON_SERVICES = ("cognito-identity", "cognito-idp", "cloudtrail", "ssm", "secretsmanager")


@dataclass(frozen=True, slots=True)
class Connection:
    """An open target.

    ``target`` is complete: the region is known, and the account is the one that answered
    (``None`` where the target names none and STS could not be reached).  ``named_account`` is the
    account that the project names.
    """

    target: Target
    named_account: str | None
    cognito: Channel
    settle_seconds: float
    listing: Listing
    channel_for: "ChannelFor"

    def polls(self) -> Iterator[float]:
        """The seconds waited so far, again and again, until a pool has had the time to appear.

        An interruption ends it, too.
        """
        waited, budget = 0.0, self.cognito.budget
        while True:
            yield waited
            if waited >= self.settle_seconds or budget.interrupted:
                return
            budget.sleep(_POLL_SECONDS)
            waited += _POLL_SECONDS

    def pool_arn(self, pool_id: str) -> str:
        """The ARN that TagResource and UntagResource take.

        Raises ``AwsProblem`` where the account is not known.
        """
        target = self.target
        if target.account is None:
            raise target_problem("unknown-account", target.name)
        partition = partition_of(target.region).name
        return (
            f"arn:{partition}:cognito-identity:{target.region}:{target.account}"
            f":identitypool/{pool_id}"
        )


class ChannelFor(Protocol):
    """Opens an AWS service with a target's credentials, by the name that boto3 has for it.

    ``region``: another one than the target's; ``is_ambient``: with the credentials of the run.
    """

    def __call__(
        self, service: str, *, region: str | None = None, is_ambient: bool = False
    ) -> Channel:
        """The channel, one a service."""


class _Caller(NamedTuple):
    """Whose credentials a target is called with; ``account``: whom the sandbox takes us for."""

    role_arn: str | None
    account: str | None
    assumed: RoleSession = RoleSession()


@dataclass(eq=False)
class Aws:
    """Sessions by credentials, clients by credentials, service and region; made when needed.

    However many targets there are, calls at once are bounded by ``parallelism``, and sockets by
    that times the number of endpoints.  Safe to use from several threads.  Nothing is asked yet.

    Attributes:
        budget: How long failed calls may be repeated.
        parallelism: Calls at once.
        sandbox_url: The sandbox's address in place of AWS; then nothing of the ambient AWS
            settings is used.
        settle_seconds: How long a pool may take to appear in a listing after its creation.
        session_in: How a target's role is assumed, by the target's name.
        connect_seconds: How long a connection may take.
        read_seconds: How long a byte of an answer may take; a whole one: ``bounded_answers``.
    """

    budget: Budget
    _: KW_ONLY
    parallelism: int = PARALLELISM
    sandbox_url: str | None = None
    settle_seconds: float = SETTLE_SECONDS
    session_in: Callable[[str], RoleSession] = lambda _: RoleSession()
    connect_seconds: float = 5.0
    read_seconds: float = 20.0

    def __post_init__(self) -> None:
        bound_answers()
        self._slots = BoundedSemaphore(self.parallelism)
        # Asks who answers, and for first pages.
        self._beside = ThreadPoolExecutor(self.parallelism)
        self._lock = Lock()
        self._sessions: dict[_Caller, Session] = {}
        self._clients: dict[tuple[_Caller, str, str], tuple[Any, Limits]] = {}
        self._http_sessions: dict[str, Any] = {}
        self._accounts: dict[_Caller, Future[Any]] = {}

    def open(self, target: Target, *, lists: bool = False) -> Connection:
        """Open a target: credentials, region, and who answers.

        ``lists``: the pools will be listed as soon as the connection is open, so the first page of
        them is asked for beside who answers.  Of an account that is not the named one nobody looks
        at it.

        Raises ``AwsProblem`` when there are no credentials or no region, when the role cannot be
        assumed, or when GetCallerIdentity is refused.
        """
        try:
            region = self._region(target)
            channel_for = partial(self._channel, target, region)
            cognito = channel_for("cognito-identity")
            listing = Listing(cognito)
            if lists:
                listing.begin(self._beside)
            account = self._account(target, channel_for)
            return Connection(
                target=replace(target, account=account, region=region),
                named_account=target.account,
                cognito=cognito,
                settle_seconds=self.settle_seconds,
                listing=listing,
                channel_for=channel_for,
            )
        except ValueError as wrong:
            said = scrub_urls(str(wrong))
            raise target_problem("invalid-endpoint", target.name, wrong=said) from wrong
        except FAILURES as failure:
            operation = "AssumeRole" if target.role_arn else "GetCallerIdentity"
            raise problem_of(failure, operation=operation, target=target.name) from failure

    def close(self) -> None:
        """Wait for what is under way, and close every socket."""
        self._beside.shutdown()
        for session in self._http_sessions.values():
            session.close()

    def _region(self, target: Target) -> str:
        with self._lock:
            ambient = self._session(self._caller(replace(target, role_arn=None)), "")
        named = target.region or os.environ.get("AWS_REGION")
        region: str | None = named or ambient.get_config_variable("region")
        if not region:
            raise NoRegionError
        return region

    def _caller(self, target: Target) -> _Caller:
        assumed = self.session_in(target.name) if target.role_arn else RoleSession()
        return _Caller(target.role_arn, target.account if self.sandbox_url else None, assumed)

    def _channel(
        self,
        target: Target,
        here: str,
        service: str,
        *,
        region: str | None = None,
        is_ambient: bool = False,
    ) -> Channel:
        whose = replace(target, role_arn=None) if is_ambient else target
        key = (self._caller(whose), service, region or here)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = (self._client(*key), Limits())
            client, limits = self._clients[key]
        # A lock is renewed in S3 whatever else is under way.
        slots = nullcontext() if service == "s3" else self._slots
        return Channel(client, target.name, self.budget, limits, slots)

    def _client(self, caller: _Caller, service: str, region: str, **keys: Any) -> Any:
        # Not by boto3.Session: it adds its own methods to S3 clients, and a second one around the
        # same botocore session adds them twice, which fails.
        session = self._session(caller, region)
        client: Any = session.create_client(
            service,
            region_name=region,
            config=self._config(session),
            endpoint_url=self.sandbox_url,
            **keys,
        )
        # Requests are signed one by one, so connections to one endpoint serve whoever calls it.
        endpoint = client._endpoint
        endpoint.http_session = self._http_sessions.setdefault(
            client.meta.endpoint_url, endpoint.http_session
        )
        if service in _JSON_SERVICES:
            insist_on_whole_answers(client)
        return client

    def _sts(self, caller: _Caller, region: str, service: str, **keys: Any) -> Any:
        """The client that assumes a role: made while another one signs a request."""
        with self._lock:
            return self._client(caller, service, region, **keys)

    def _session(self, caller: _Caller, region: str) -> Session:
        if caller not in self._sessions:
            self._sessions[caller] = self._new_session(caller, region)
        return self._sessions[caller]

    def _new_session(self, caller: _Caller, region: str) -> Session:
        session = Session() if self.sandbox_url is None else _sandbox_session()
        loader = _loader(session.get_config_variable("data_path"))
        session.register_component("data_loader", loader)
        if caller.role_arn is not None:
            source = caller._replace(role_arn=None, assumed=RoleSession())
            client = partial(self._sts, source, region)
            from_ = self._session(source, region)
            assumed = _AssumedRole(from_, client, caller.role_arn, caller.assumed)
            session.register_component("credential_provider", assumed)
        elif self.sandbox_url is not None:
            session.set_credentials(caller.account or _SANDBOX_ACCOUNT, "sandbox")
        return session

    def _config(self, session: Session) -> Config:
        return Config(
            # tenacity is the only retry layer: botocore's own retries have turned one create into
            # three pools.
            retries={"total_max_attempts": 1, "mode": "standard"},
            max_pool_connections=self.parallelism,
            # A proxy has no business between this process and its own sandbox.
            proxies={} if self.sandbox_url else None,
            # botocore would put its own together twice a call, an eighth of what a call costs.
            user_agent=_user_agent(session),
            connect_timeout=self.connect_seconds,
            read_timeout=self.read_seconds,
        )

    def _account(self, target: Target, channel_for: ChannelFor) -> str | None:
        """The account that answers; unknown only where nobody named one and STS is out of reach.

        A network that lets only cognito-identity through is legitimate (VPC endpoints, emulators).
        """
        try:
            answer = self._identity(target, channel_for)
        except FAILURES as failure:
            operation = "GetCallerIdentity"
            problem = problem_of(failure, operation=operation, target=target.name)
            if target.account is None and problem.unreachable:
                return None
            raise problem from failure
        account = answer.get("Account")
        if not isinstance(account, str):
            raise target_problem("no-account", target.name)
        return account

    def _identity(self, target: Target, channel_for: ChannelFor) -> Any:
        """Who answers with these credentials, asked once.  Raises ``FAILURES``."""
        caller = self._caller(target)

        def ask() -> Any:
            once = channel_for("sts").once
            return Repeating(Operation.READ, self.budget)(once, "GetCallerIdentity")

        with self._lock:
            if caller not in self._accounts:
                self._accounts[caller] = self._beside.submit(ask)
            answered = self._accounts[caller]
        return answered.result()


class _AssumedRole(NamedTuple):
    """Where a session gets its credentials: a role, assumed again shortly before they end."""

    source: Session
    client: Callable[..., Any]
    role_arn: str
    assumed: RoleSession

    def load_credentials(self) -> DeferredRefreshableCredentials:
        """As botocore asks for them."""
        fetcher = AssumeRoleCredentialFetcher(
            client_creator=self.client,
            source_credentials=self.source.get_credentials(),
            role_arn=self.role_arn,
            extra_args=_session_parameters(self.assumed),
        )
        return DeferredRefreshableCredentials(fetcher.fetch_credentials, "idpool-assume-role")


def _session_parameters(session: RoleSession) -> dict[str, Any]:
    """What AssumeRole is told besides the role."""
    told: dict[str, Any] = {"RoleSessionName": session.name or "idpool"}
    if session.external_id:
        told["ExternalId"] = session.external_id
    if session.tags:
        told["Tags"] = [{"Key": key, "Value": value} for key, value in session.tags]
    return told


@cache
def _loader(data_path: str | None) -> Loader:
    """botocore's files of services and regions, read once a process."""
    return create_loader(data_path)


def _sandbox_session() -> Session:
    nothing = (None, None, None, None)
    return Session(
        session_vars={
            "profile": nothing,
            "region": (None, None, _SANDBOX_REGION, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )


def _user_agent(session: Session) -> str:
    """Who calls, as CloudTrail shows it, with the name that users gave to their application."""
    parts = [
        f"idpool/{__version__}",
        f"botocore/{botocore.__version__}",
        f"lang/python#{platform.python_version()}",
    ]
    application = session.get_config_variable("user_agent_appid")
    if application:
        # What is no token of HTTP (RFC 9110, section 5.6.2) would end the header, or the call.
        parts.append("app/" + re.sub(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]", "-", application))
    return " ".join(parts)
