"""Answers that were cut off on their way are failures, not empty answers.

botocore takes a body that is no JSON for a message, and hands on an answer without a single field:
a pool without providers, a listing without pools.  Nothing would be more dangerous to plan with.
"""

import json
from typing import Any

from botocore.parsers import ResponseParserError

_FIRST_FAILURE = 300


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
    try:
        whole = isinstance(json.loads(body), dict)
    except ValueError:
        whole = False
    if not whole:
        raise ResponseParserError(f"{operation_model.name}: the answer is cut off or is no JSON")
