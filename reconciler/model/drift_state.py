"""What a drift run remembers for the next one: what was told to whom."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from reconciler.model.base import Record
from reconciler.model.drift import Drift

_SHA256 = r"^sha256:[0-9a-f]{64}$"
Digest = Annotated[str, Field(pattern=_SHA256)]


class DriftState(Record):
    """The last run's digest, and for each receiver the digest of the drift it was last told of.

    A receiver that is not in ``told`` knows of no drift.  Its key is a hash of its address: the
    address of a webhook is a secret.
    """

    schema_version: Literal[1] = 1
    digest: Digest
    clean: bool
    told: Annotated[dict[Digest, Digest], Field(max_length=100)] = {}


def is_due(told: Mapping[str, str], receiver: str, drift: Drift) -> bool:
    """Whether a receiver does not know yet what there is to know: new drift, or that it cleared."""
    known = told.get(receiver)
    return known is not None if drift.is_clean else known != drift.digest


def with_told(told: Mapping[str, str], receiver: str, drift: Drift) -> dict[str, str]:
    """What the receivers know once this one was told."""
    others = {key: value for key, value in told.items() if key != receiver}
    return others if drift.is_clean else {**others, receiver: drift.digest}
