"""AWS's failures as sentences: what happened, and what to do about it."""

import logging
import re
import traceback
import uuid

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from reconciler.live.policy import Failure, FailureKind, codes, error_code, failures, kind_of
from reconciler.model.errors import AwsProblem, PoolProblem
from reconciler.model.permissions import CALLS
from reconciler.model.secrets import scrub_quoted, scrub_urls

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
        nobody_gets_in = error_code(failure) in codes("expired", "bad-credentials")
        whole = nobody_gets_in or operation in _STS or kind_of(failure) is FailureKind.THROTTLED
        return not whole
    return kind_of(failure) is FailureKind.AMBIGUOUS


def _answered(failure: ClientError, operation: str) -> tuple[str, str]:
    code = error_code(failure)
    said = str(failure.response.get("Error", {}).get("Message") or "no message")
    message = _one_line(said)
    if _is_markup(said):
        return f"{operation} failed: {code}: {message}", _NOT_AWS
    if code in codes("denied"):
        services = (call.service for call in CALLS if call.operation == operation)
        action = f"{next(services, 'cognito-identity')}:{operation}"
        return f"AWS denied {operation}: {message}", f"allow {action} to the role that runs idpool"
    if code in codes("expired"):
        return (
            f"the AWS credentials have expired ({code})",
            "log in again, or take a longer session",
        )
    if code in codes("bad-credentials"):
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
    """What ``failures.toml`` says of the exception's class, or of the nearest one above it."""
    facts = failure.kwargs if isinstance(failure, BotoCoreError) else {}
    place = scrub_urls(str(facts.get("endpoint_url") or "AWS"))
    sentences = failures()["sentences"]
    names = (kind.__name__ for kind in type(failure).__mro__)
    row = next(sentences[name] for name in names if name in sentences)
    return row["what"].format(detail=scrub_urls(str(failure)), place=place), row["hint"]


def incident(bug: Exception) -> str:
    """A sentence with a number; under that number the log (-vv) says where it happened.

    The exception's own text is left out of both: it may quote a secret.
    """
    number = uuid.uuid4().hex[:12]
    frames = "".join(traceback.format_tb(bug.__traceback__))
    _LOG.debug("incident %s: %s\n%s", number, type(bug).__name__, frames)
    return f"idpool has a bug: {type(bug).__name__} (incident {number})"
