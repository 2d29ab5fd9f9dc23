"""What a failed call means: what comes next, and what people are told, with what to do about it.

botocore sends every request once; the policy of this module and tenacity are the only retry layer.
Error codes and sentences stand in ``failures.toml``.
"""

import logging
import re
import tomllib
import traceback
import uuid
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from reconciler.model.errors import AwsProblem, PoolProblem
from reconciler.model.permissions import CALLS
from reconciler.model.secrets import scrub_quoted, scrub_urls

_LOG = logging.getLogger(__name__)
_STS = frozenset({"GetCallerIdentity", "AssumeRole"})
_MOST_CHARACTERS = 300
_MOST_READ = 20_000
_MARKUP = re.compile(r"<(style|script)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_NOT_AWS = (
    "this is no answer of AWS: check AWS_ENDPOINT_URL, and what stands between idpool and AWS"
)
UNFORESEEN = "Unforeseen"
REPORT = "please report it with what -vv says of this incident"
# All that a botocore call raises; an answer that is cut off fails in its parser.
Failure = ClientError | BotoCoreError | ResponseParserError
FAILURES = (ClientError, BotoCoreError, ResponseParserError)


class Operation(Enum):
    """How dangerous it is to send a request twice."""

    READ = "read"
    WRITE = "write"  # replaces a whole value: twice is once
    CREATE = "create"  # twice is two pools


class FailureKind(Enum):
    """What a failure says about the request."""

    THROTTLED = "throttled"  # refused unseen
    UNREACHABLE = "unreachable"  # never arrived
    CONCURRENT = "concurrent"  # refused because of another writer
    AMBIGUOUS = "ambiguous"  # may have been carried out
    FINAL = "final"  # refused for good: denied, invalid, a quota, not found


class Decision(Enum):
    """What comes next."""

    AGAIN = "send again"
    RECHECK = "read afresh, compare, then send again"
    LOOK = "look for our tags, then send again"
    GIVE_UP = "give up"


NOT_FOUND = "ResourceNotFoundException"
NOT_AUTHORIZED = "NotAuthorizedException"
_FIRST_SERVER_FAULT = 500
_NEXT = {
    Operation.READ: Decision.AGAIN,
    Operation.WRITE: Decision.RECHECK,
    Operation.CREATE: Decision.LOOK,
}


@cache
def failures() -> dict[str, dict[str, Any]]:
    """``codes`` by what they mean, ``exceptions`` by class, ``problems`` that are found here."""
    text = (files("reconciler.live") / "failures.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def codes(*meanings: str) -> frozenset[str]:
    """The error codes that mean one of these: "throttled", "denied" ..."""
    return frozenset().union(*(failures()["codes"][meaning] for meaning in meanings))


def kind_of(failure: Failure) -> FailureKind:
    """What a failure says about the request."""
    if isinstance(failure, ClientError):
        return _kind_of_answer(failure)
    return FailureKind(_nearest(failure).get("kind", FailureKind.FINAL))


def _nearest(failure: BotoCoreError | ResponseParserError) -> dict[str, str]:
    """What ``failures.toml`` says of the exception's class, or of the nearest one above it."""
    rows: dict[str, dict[str, str]] = failures()["exceptions"]
    names = (kind.__name__ for kind in type(failure).__mro__)
    return next(rows[name] for name in names if name in rows)


def decision_of(operation: Operation, failure: Failure) -> Decision:
    """What comes after this failure of an operation of this class."""
    return Decision.GIVE_UP if kind_of(failure) is FailureKind.FINAL else _NEXT[operation]


def error_code(failure: Failure) -> str:
    """AWS's error code, or the name of the client-side failure."""
    if isinstance(failure, ClientError):
        return str(failure.response.get("Error", {}).get("Code", "Unknown"))
    return type(failure).__name__


def _kind_of_answer(failure: ClientError) -> FailureKind:
    code = error_code(failure)
    status = failure.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    for kind in (FailureKind.THROTTLED, FailureKind.CONCURRENT, FailureKind.AMBIGUOUS):
        if code in codes(kind.value):
            return kind
    return FailureKind.AMBIGUOUS if status >= _FIRST_SERVER_FAULT else FailureKind.FINAL


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


def target_problem(name: str, target: str, /, **facts: object) -> AwsProblem:
    """The problem that ``failures.toml`` has under this name, with the facts in its sentences."""
    row = {key: text.format(**facts) for key, text in failures()["problems"][name].items()}
    what = row.pop("what")
    return AwsProblem(f"target {target}: {what}", target=target, **row)


def pool_problem(name: str, target: str, pool_id: str, /, **facts: object) -> PoolProblem:
    """As ``target_problem``, of one pool."""
    row = {key: text.format(**facts) for key, text in failures()["problems"][name].items()}
    return PoolProblem(row.pop("what"), target=target, pool_id=pool_id, **row)


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
    facts = failure.kwargs if isinstance(failure, BotoCoreError) else {}
    place = scrub_urls(str(facts.get("endpoint_url") or "AWS"))
    row = _nearest(failure)
    return row["what"].format(detail=scrub_urls(str(failure)), place=place), row["hint"]


def incident(bug: Exception) -> str:
    """A sentence with a number; under that number the log (-vv) says where it happened.

    The exception's own text is left out of both: it may quote a secret.
    """
    number = uuid.uuid4().hex[:12]
    frames = "".join(traceback.format_tb(bug.__traceback__))
    _LOG.debug("incident %s: %s\n%s", number, type(bug).__name__, frames)
    return f"idpool has a bug: {type(bug).__name__} (incident {number})"
