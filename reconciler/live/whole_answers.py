"""Answers that were cut off on their way are failures, not empty answers.

botocore takes a body that is no JSON for a message, and hands on an answer without a single field:
a pool without providers, a listing without pools.  Nothing would be more dangerous to plan with.
"""

import json
from typing import Any

from botocore.parsers import ResponseParserError

_FIRST_FAILURE = 300
# What an answer always has (API reference); without it there is nothing to go on with.
_POOL = (("IdentityPoolId", str), ("IdentityPoolName", str))
_ALWAYS: dict[str, tuple[tuple[str, type], ...]] = {
    "CreateIdentityPool": _POOL,
    "UpdateIdentityPool": _POOL,
    "DescribeIdentityPool": _POOL,
    "ListIdentityPools": (("IdentityPools", list),),
}


def insist_on_whole_answers(client: Any) -> None:
    """Let a client of a JSON service raise ``ResponseParserError`` for half an answer."""
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register(f"before-parse.{service}.*", _refuse_half)


def _refuse_half(response_dict: dict[str, Any], operation_model: Any, **_: Any) -> None:
    if response_dict["status_code"] >= _FIRST_FAILURE:
        return
    body = response_dict["body"]
    output = operation_model.output_shape
    if not body and not (output and output.members):
        return
    if not _is_whole(body, operation_model.name):
        raise ResponseParserError(f"{operation_model.name}: the answer is cut off or is no JSON")


def _is_whole(body: bytes, operation: str) -> bool:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return False
    if not isinstance(answer, dict):
        return False
    return all(isinstance(answer.get(field), kind) for field, kind in _ALWAYS.get(operation, ()))
