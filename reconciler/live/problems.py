"""AWS's failures as sentences: what happened, and what to do about it."""

import logging
import re
import traceback
import uuid

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigParseError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    InvalidRegionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    SSLError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from reconciler.live.policy import DENIED_CODES, Failure, FailureKind, error_code, kind_of
from reconciler.model.errors import AwsProblem, PoolProblem
from reconciler.model.secrets import scrub_quoted, scrub_urls

_BAD_CREDENTIALS = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "IncompleteSignature",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
    }
)
_EXPIRED = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
)

# First match wins: subclasses stand before their bases.
_CLIENT_SIDE: tuple[tuple[type[BotoCoreError], str, str], ...] = (
    (
        NoCredentialsError,
        "there are no AWS credentials",
        "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run in a role; "
        "--sandbox needs none",
    ),
    (PartialCredentialsError, "the AWS credentials are incomplete: {detail}", "set both halves"),
    (
        ProfileNotFound,
        "{detail}",
        "check AWS_PROFILE against the profiles in the shared AWS config file",
    ),
    (
        NoRegionError,
        "no AWS region is set",
        "set AWS_REGION, a region in the profile, or a target with a region in idpool.yaml",
    ),
    (
        InvalidRegionError,
        "the AWS region is not one: {detail}",
        "check AWS_REGION, the profile's region, and the targets' regions",
    ),
    (SSOError, "the AWS SSO session cannot be used: {detail}", "run `aws sso login`"),
    (TokenRetrievalError, "the AWS SSO session has ended: {detail}", "run `aws sso login`"),
    (CredentialRetrievalError, "the AWS credentials cannot be had: {detail}", "check the profile"),
    (ConfigParseError, "the AWS config file cannot be read: {detail}", "mend the file"),
    (
        SSLError,
        "the TLS connection to {place} failed: {detail}",
        "check AWS_CA_BUNDLE and any proxy on the way",
    ),
    (ProxyConnectionError, "the proxy cannot be reached: {detail}", "check HTTPS_PROXY"),
    (
        EndpointConnectionError,
        "{place} cannot be reached",
        "check the region's name, the network, and AWS_ENDPOINT_URL if it is set",
    ),
    (
        ConnectTimeoutError,
        "{place} did not take the connection in time",
        "check the network, and AWS_ENDPOINT_URL if it is set",
    ),
    (
        HTTPClientError,
        "the connection to {place} broke: {detail}",
        "try again; reads and writes are safe to repeat",
    ),
)


_STS = frozenset({"GetCallerIdentity", "AssumeRole"})
_MOST_CHARACTERS = 300
_MOST_READ = 20_000
_MARKUP = re.compile(r"<(style|script)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_NOT_AWS = (
    "this is no answer of AWS: check AWS_ENDPOINT_URL, and what stands between idpool and AWS"
)
_LOG = logging.getLogger(__name__)
UNFORESEEN = "Unforeseen"
REPORT = "please report it with what -vv says of this incident"


def problem_of(failure: Failure, *, operation: str, target: str, pool_id: str = "") -> AwsProblem:
    """The error to show for a failure of ``operation`` (an API name) in a target.

    ``pool_id``: the pool that the call was about; a ``PoolProblem`` unless other pools would fail
    in the same way.
    """
    if isinstance(failure, ClientError):
        # A call may fail in the AssumeRole that it needs first.
        operation = failure.operation_name or operation
        sentence, hint = _answered(failure, operation)
    else:
        sentence, hint = _client_side(failure)
    code = error_code(failure)
    if pool_id and _is_of_one_pool(failure, operation):
        return PoolProblem(
            sentence, code=code, operation=operation, target=target, pool_id=pool_id, hint=hint
        )
    return AwsProblem(
        f"target {target}: {sentence}" if target else sentence,
        code=code,
        operation=operation,
        target=target,
        hint=hint,
        unreachable=kind_of(failure) is FailureKind.UNREACHABLE,
    )


def _is_of_one_pool(failure: Failure, operation: str) -> bool:
    """Whether another pool may be read all the same."""
    if isinstance(failure, ClientError):
        nobody_gets_in = error_code(failure) in _EXPIRED | _BAD_CREDENTIALS
        whole = nobody_gets_in or operation in _STS or kind_of(failure) is FailureKind.THROTTLED
        return not whole
    return kind_of(failure) is FailureKind.AMBIGUOUS


def _answered(failure: ClientError, operation: str) -> tuple[str, str]:
    code = error_code(failure)
    said = str(failure.response.get("Error", {}).get("Message") or "no message")
    message = _one_line(said)
    if _is_markup(said):
        return f"{operation} failed: {code}: {message}", _NOT_AWS
    if code in DENIED_CODES:
        action = f"sts:{operation}" if operation in _STS else f"cognito-identity:{operation}"
        return f"AWS denied {operation}: {message}", f"allow {action} to the role that runs idpool"
    if code in _EXPIRED:
        return (
            f"the AWS credentials have expired ({code})",
            "log in again, or take a longer session",
        )
    if code in _BAD_CREDENTIALS:
        return (
            f"AWS does not accept the credentials ({code}: {message})",
            "check which ones are set",
        )
    return f"{operation} failed: {code}: {message}", ""


def _is_markup(said: str) -> bool:
    return said.lstrip().lower().startswith(("<!doctype", "<html", "<head", "<body", "<?xml"))


def _one_line(said: str) -> str:
    """What was said, in one line that fits on a screen; of a page only its words."""
    words = _MARKUP.sub(" ", said[:_MOST_READ]) if _is_markup(said) else scrub_quoted(said)
    line = " ".join(words.split()) or "no message"
    return line if len(line) <= _MOST_CHARACTERS else f"{line[:_MOST_CHARACTERS]}..."


def _client_side(failure: BotoCoreError | ResponseParserError) -> tuple[str, str]:
    if isinstance(failure, ResponseParserError):
        return "AWS's answer cannot be read; it may have been cut off", "try again"
    place = scrub_urls(str(failure.kwargs.get("endpoint_url") or "AWS"))
    detail = scrub_urls(str(failure))
    for kind, sentence, hint in _CLIENT_SIDE:
        if isinstance(failure, kind):
            return sentence.format(detail=detail, place=place), hint
    return f"the call to AWS could not be made: {detail}", ""


def incident(bug: Exception) -> str:
    """A sentence with a number; under that number the log (-vv) says where it happened.

    The exception's own text is left out of both: it may quote a secret.
    """
    number = uuid.uuid4().hex[:12]
    frames = "".join(traceback.format_tb(bug.__traceback__))
    _LOG.debug("incident %s: %s\n%s", number, type(bug).__name__, frames)
    return f"idpool has a bug: {type(bug).__name__} (incident {number})"
