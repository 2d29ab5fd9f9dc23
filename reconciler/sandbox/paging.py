"""Pages of ids with opaque tokens that survive what is added or removed between them."""

import base64
import binascii
from bisect import bisect_right
from collections.abc import Iterable

from reconciler.sandbox.faults import invalid
from reconciler.sandbox.shapes import JsonObject


def page(kind: str, ids: Iterable[str], request: JsonObject) -> tuple[list[str], JsonObject]:
    """The ids that the request's MaxResults and NextToken ask for, and the token members.

    Ids are random, so their own order is any order; a token names the last id given, so what
    happens to other ids moves nothing. Raises InvalidParameterException for a token of another
    kind of list, or of nobody's making.
    """
    ordered = sorted(ids)
    token = request.get("NextToken")
    start = 0 if token is None else bisect_right(ordered, _last_given(kind, token))
    chosen = ordered[start : start + request["MaxResults"]]
    if start + len(chosen) == len(ordered):
        return chosen, {}
    return chosen, {"NextToken": _token(kind, chosen[-1])}


def _token(kind: str, last: str) -> str:
    return base64.urlsafe_b64encode(f"{kind} {last}".encode()).decode()


def _last_given(kind: str, token: str) -> str:
    try:
        found, _, last = base64.urlsafe_b64decode(token).decode().rpartition(" ")
    except (binascii.Error, ValueError):
        raise invalid("NextToken is not valid.") from None
    if found != kind:
        raise invalid("NextToken is not valid.")
    return last
