"""What can go wrong with a request, and what is known of one that came."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any

ANY = "*"
READS = "reads"  # of cognito-identity: all that is not a write
WRITES = "writes"  # of cognito-identity
STS = "sts"
OTHER = "other"  # other services: their operation is `METHOD /path`


class FaultKind(StrEnum):
    """What goes wrong with a request."""

    # Answered by the proxy; the server never sees the request.
    TOO_MANY_REQUESTS = auto()
    THROTTLING = auto()  # the bare ThrottlingException, which the service's model does not list
    INTERNAL_500 = auto()
    INTERNAL_400 = auto()
    CONCURRENT_MODIFICATION = auto()
    LIMIT_EXCEEDED = auto()
    NOT_AUTHORIZED = auto()
    ACCESS_DENIED = auto()
    EXPIRED_TOKEN = auto()
    # Carried out by the server, and then answered with HTTP 500 all the same.
    INTERNAL_AFTER = auto()
    # Kept for `seconds`, then sent on even if the client has given up: the late arrival.
    DELAY = auto()
    # Never answered: not sent on, or carried out first.
    HANG = auto()
    HANG_AFTER = auto()
    # The connection ends with RST: before the server sees the request, or after it did it.
    RESET_BEFORE = auto()
    RESET_AFTER = auto()
    # Carried out; half of the answer arrives, then the connection is closed.
    CUT = auto()
    # Carried out; the answer comes byte by byte, from its first one or from that of its body on,
    # each long before the client's patience with a silent server ends.
    DRIP = auto()
    DRIP_BODY = auto()


NOT_FORWARDED = frozenset(
    {
        FaultKind.TOO_MANY_REQUESTS,
        FaultKind.THROTTLING,
        FaultKind.INTERNAL_500,
        FaultKind.INTERNAL_400,
        FaultKind.CONCURRENT_MODIFICATION,
        FaultKind.LIMIT_EXCEEDED,
        FaultKind.NOT_AUTHORIZED,
        FaultKind.ACCESS_DENIED,
        FaultKind.EXPIRED_TOKEN,
        FaultKind.HANG,
        FaultKind.RESET_BEFORE,
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, and with which request.

    `operation` is one operation, ANY, or a class: READS, WRITES, STS, OTHER. `occurrence` is
    the number of the request among those of `operation`, from 1 and retries included; None is
    every one. `seconds` is for DELAY; `retry_after` is a header of the error answers.
    """

    kind: FaultKind
    operation: str = ANY
    occurrence: int | None = None
    seconds: float = 0.0
    retry_after: int | None = None

    def __post_init__(self) -> None:
        if self.occurrence is not None and self.occurrence < 1:
            raise ValueError(f"occurrences are counted from 1, not {self.occurrence}")


@dataclass(frozen=True, slots=True)
class StrangeAnswer(Fault):
    """Answered by the proxy with something that AWS does not say."""

    kind: FaultKind = FaultKind.ACCESS_DENIED
    status: int = 200
    content_type: str = "application/x-amz-json-1.1"
    text: str = "{}"


# What a request is answered with when it comes faster than the proxy's `rate`.
RATE_EXCEEDED = Fault(FaultKind.TOO_MANY_REQUESTS)


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request that arrived, as far as it has got.

    `number` counts the requests of the operation from 1; `time` is time.monotonic() at its
    arrival. `upstream_status` is None while there is no answer of the server. `committed` says
    whether the server carried it out, a read included, which is to say answered 2xx; None: it
    was sent on and not answered, so nobody knows. `request_id` is the one of the answer that was
    meant for the client.
    """

    operation: str
    number: int
    body: Mapping[str, Any] | None
    time: float
    fault: Fault | None = None
    upstream_status: int | None = None
    committed: bool | None = False
    request_id: str | None = None
