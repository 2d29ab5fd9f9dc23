"""AWS's failures as sentences: what happened, and what to do about it."""

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

from reconciler.live.policy import Failure, Kind, error_code, kind_of
from reconciler.model.errors import AwsProblem

_DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "NotAuthorizedException", "UnauthorizedOperation"}
)
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


def problem_of(failure: Failure, *, operation: str, target: str) -> AwsProblem:
    """The error to show for a failure of ``operation`` (an API name) in a target."""
    if isinstance(failure, ClientError):
        # A call may fail in the AssumeRole that it needs first.
        operation = failure.operation_name or operation
        sentence, hint = _answered(failure, operation)
    else:
        sentence, hint = _client_side(failure)
    return AwsProblem(
        f"target {target}: {sentence}" if target else sentence,
        code=error_code(failure),
        operation=operation,
        target=target,
        hint=hint,
        unreachable=kind_of(failure) is Kind.UNREACHABLE,
    )


def _answered(failure: ClientError, operation: str) -> tuple[str, str]:
    code = error_code(failure)
    message = str(failure.response.get("Error", {}).get("Message") or "no message")
    if code in _DENIED:
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


_STS = frozenset({"GetCallerIdentity", "AssumeRole"})


def _client_side(failure: BotoCoreError | ResponseParserError) -> tuple[str, str]:
    if isinstance(failure, ResponseParserError):
        return "AWS's answer cannot be read; it may have been cut off", "try again"
    place = str(failure.kwargs.get("endpoint_url") or "AWS")
    for kind, sentence, hint in _CLIENT_SIDE:
        if isinstance(failure, kind):
            return sentence.format(detail=str(failure), place=place), hint
    return f"the call to AWS could not be made: {failure}", ""
