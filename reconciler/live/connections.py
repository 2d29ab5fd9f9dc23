"""Connections: one client per target, with the credentials that the target asks for."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import NoRegionError
from botocore.session import Session

from reconciler.bounded_answers import bound_answers
from reconciler.live.calls import Budget, Channel
from reconciler.live.client_config import client_config
from reconciler.live.listing import Listing
from reconciler.live.model_files import model_files
from reconciler.live.policy import FAILURES
from reconciler.live.problems import problem_of
from reconciler.live.whole_answers import insist_on_whole_answers
from reconciler.model.errors import AwsProblem
from reconciler.model.project import Target
from reconciler.model.secrets import scrub_urls

# The sandbox takes a 12-digit access key id as the account that is meant.
_SANDBOX_ACCOUNT = "123456789012"
_SANDBOX_REGION = "eu-west-1"


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """How AWS is reached.

    ``sandbox_url``: the sandbox's address in place of AWS; then nothing of the ambient AWS
    settings is used.  ``parallelism``: calls at once, and so the size of the connection pool.
    ``connect_seconds`` and ``read_seconds``: how long a connection and a byte of an answer may
    take; a whole answer, see ``bounded_answers``.
    ``settle_seconds``: how long a pool may take to appear in a listing after its creation.
    ``lists``: the pools will be listed as soon as the connection is open, so the first page of them
    is asked for beside who answers.  Of an account that is not the named one nobody looks at it.
    """

    parallelism: int = 16
    sandbox_url: str | None = None
    connect_seconds: float = 5.0
    read_seconds: float = 20.0
    settle_seconds: float = 10.0
    budget: Budget = field(default_factory=Budget)
    lists: bool = False


@dataclass(frozen=True, slots=True)
class Connection:
    """An open target.

    ``target`` is complete: the region is known, and the account is the one that answered
    (``None`` where the target names none and STS could not be reached).  ``named_account`` is the
    account that the project names.  ``channel_for`` opens another AWS service with the target's
    credentials, by the name that boto3 has for it.
    """

    target: Target
    named_account: str | None
    partition: str
    cognito: Channel
    settle_seconds: float
    listing: Listing
    channel_for: Callable[[str], Channel]

    def pool_arn(self, pool_id: str) -> str:
        """The ARN that TagResource and UntagResource take.

        Raises ``AwsProblem`` where the account is not known.
        """
        target = self.target
        if target.account is None:
            raise AwsProblem(
                f"target {target.name}: tags are set by ARN, and STS did not say which account "
                "this is",
                code="UnknownAccount",
                operation="TagResource",
                target=target.name,
                hint="let sts:GetCallerIdentity through, or name the account in idpool.yaml",
            )
        return (
            f"arn:{self.partition}:cognito-identity:{target.region}:{target.account}"
            f":identitypool/{pool_id}"
        )


def connect(target: Target, settings: ConnectionSettings) -> Connection:
    """Open a target: credentials, region, and who answers.

    Raises ``AwsProblem`` when there are no credentials or no region, when the role cannot be
    assumed, or when GetCallerIdentity is refused.
    """
    bound_answers()
    try:
        opener = _opener(target, settings)
        cognito = opener.channel("cognito-identity", target.name)
        insist_on_whole_answers(cognito.client)
        listing = Listing(cognito)
        with ThreadPoolExecutor(1) as beside:
            if settings.lists:
                listing.begin(beside)
            account = _account(opener, target)
        return Connection(
            target=replace(target, account=account, region=opener.region),
            named_account=target.account,
            partition=opener.session.get_partition_for_region(opener.region),
            cognito=cognito,
            settle_seconds=settings.settle_seconds,
            listing=listing,
            channel_for=partial(opener.channel, target=target.name),
        )
    except ValueError as wrong:
        raise AwsProblem(
            f"target {target.name}: {scrub_urls(str(wrong))}",
            code="InvalidEndpoint",
            target=target.name,
            hint="check AWS_ENDPOINT_URL and its like: they begin with http:// or https://",
        ) from wrong
    except FAILURES as failure:
        operation = "AssumeRole" if target.role_arn else "GetCallerIdentity"
        raise problem_of(failure, operation=operation, target=target.name) from failure


@dataclass(frozen=True, slots=True)
class _Opener:
    session: Session
    region: str
    settings: ConnectionSettings

    def client(self, service: str, **keys: Any) -> Any:
        # Not by boto3.Session: it adds its own methods to S3 clients, and a second one around the
        # same botocore session adds them twice, which fails.
        return self.session.create_client(
            service,
            region_name=self.region,
            config=_config(self.session, self.settings),
            endpoint_url=self.settings.sandbox_url,
            **keys,
        )

    def channel(self, service: str, target: str) -> Channel:
        return Channel(self.client(service), target, self.settings.budget)


def _opener(target: Target, settings: ConnectionSettings) -> _Opener:
    session = _session(settings)
    if settings.sandbox_url is not None:
        session.set_credentials(target.account or _SANDBOX_ACCOUNT, "sandbox")
    region = target.region or os.environ.get("AWS_REGION") or session.get_config_variable("region")
    if not region:
        raise NoRegionError
    opener = _Opener(session, region, settings)
    return opener if target.role_arn is None else _assumed(opener, target)


def _session(settings: ConnectionSettings) -> Session:
    session = _bare_session(settings)
    files = model_files(session.get_config_variable("data_path"))
    session.register_component("data_loader", files)
    return session


def _bare_session(settings: ConnectionSettings) -> Session:
    if settings.sandbox_url is None:
        return Session()
    nothing = (None, None, None, None)
    return Session(
        session_vars={
            "profile": nothing,
            "region": (None, None, _SANDBOX_REGION, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )


def _assumed(opener: _Opener, target: Target) -> _Opener:
    """The same place with the credentials of the target's role."""
    session = _session(opener.settings)
    role = _AssumedRole(opener, target.role_arn or "")
    session.register_component("credential_provider", CredentialResolver([role]))
    return _Opener(session, opener.region, opener.settings)


class _AssumedRole(CredentialProvider):
    """Credentials of a role, which botocore renews shortly before they end."""

    METHOD = "idpool-assume-role"

    def __init__(self, source: _Opener, role_arn: str) -> None:
        super().__init__()
        self._source = source
        self._role_arn = role_arn

    def load(self) -> DeferredRefreshableCredentials:
        fetcher = AssumeRoleCredentialFetcher(
            client_creator=self._source.client,
            source_credentials=self._source.session.get_credentials(),
            role_arn=self._role_arn,
            extra_args={"RoleSessionName": "idpool"},
        )
        return DeferredRefreshableCredentials(
            refresh_using=fetcher.fetch_credentials, method=self.METHOD
        )


def _config(session: Session, settings: ConnectionSettings) -> Config:
    return client_config(
        session,
        # The list of pools goes on while all the others describe.
        connections=settings.parallelism + 1,
        connect_seconds=settings.connect_seconds,
        read_seconds=settings.read_seconds,
        # A proxy has no business between this process and its own sandbox.
        proxies={} if settings.sandbox_url else None,
    )


def _account(opener: _Opener, target: Target) -> str | None:
    """The account that answers; unknown only where nobody named one and STS is out of reach.

    A network that lets only cognito-identity through is legitimate (VPC endpoints, emulators).
    """
    try:
        answer = opener.channel("sts", target.name).read("GetCallerIdentity")
    except AwsProblem as problem:
        if target.account is None and problem.unreachable:
            return None
        raise
    account = answer.get("Account")
    if not isinstance(account, str):
        raise AwsProblem(
            f"target {target.name}: GetCallerIdentity does not say which account answers",
            code="MalformedAnswer",
            operation="GetCallerIdentity",
            target=target.name,
            hint="look at what stands between idpool and AWS",
        )
    return account
