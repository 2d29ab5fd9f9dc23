"""Which addresses may be given a secret: those that do not send it over a network in clear."""

import re
from typing import Literal, TypeAlias, get_args
from urllib.parse import urlsplit

from reconciler.model.base import digest
from reconciler.model.errors import IdpoolError, UsageProblem
from reconciler.model.records import Record

# Plain HTTP only where it does not leave the machine.
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
ReceiverKind: TypeAlias = Literal["slack", "webhook", "sns"]
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:(?P<region>[a-z0-9-]+):[0-9]{12}:[A-Za-z0-9_-]{1,256}")
_HOW = "write --notify slack=URL, webhook=URL or sns=TOPIC-ARN"


def wrong_address(address: str) -> str:
    """Why this is no address that may be called, in a few words; "" where it is one."""
    try:
        url = urlsplit(address)
        port_is_fine = url.port is None or url.port > 0
    except ValueError:
        return "this is not a URL"
    if not url.hostname or not port_is_fine or not address.isascii() or not address.isprintable():
        return "this is not a URL"
    if url.username is not None:
        return "a URL with a user in it is not taken"
    if url.scheme != "https" and not (url.scheme == "http" and url.hostname in _LOOPBACK):
        return "only https:// is taken, and http:// on this machine"
    return ""


class NotNotified(IdpoolError):
    """A receiver could not be told.  The reason says nothing of the address but its host."""

    def __init__(self, receiver: str, reason: str, hint: str = "") -> None:
        super().__init__(f"{receiver} was not notified: {reason}")
        self.receiver = receiver
        self.hint = hint or "drift tells it again at its next run with the same --state"


class Receiver(Record):
    """One receiver.  The address of a webhook lets anybody write there: it is a secret."""

    kind: ReceiverKind
    address: str

    @property
    def key(self) -> str:
        """What stands for the receiver in a state file."""
        return digest([self.kind, self.address])

    @property
    def shown(self) -> str:
        """``slack=https://hooks.slack.com/****``; a topic as it is."""
        if self.kind == "sns":
            return f"sns={self.address}"
        url = urlsplit(self.address)
        port = f":{url.port}" if url.port else ""
        return f"{self.kind}={url.scheme}://{url.hostname}{port}/****"

    @property
    def region(self) -> str:
        """The region of a topic, "" for what is none."""
        topic = _TOPIC.fullmatch(self.address)
        return topic["region"] if topic else ""

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        return [("shown", self.shown)]


def receiver_of(text: str) -> Receiver:
    """Read an option's value.  Raises ``UsageProblem``, which does not quote the address."""
    name, _, address = text.partition("=")
    kind: ReceiverKind | None = next((k for k in get_args(ReceiverKind) if k == name), None)
    if kind is None:
        raise UsageProblem("--notify is of no kind that idpool knows", hint=_HOW)
    wrong = _wrong_topic(address) if kind == "sns" else wrong_address(address)
    if wrong:
        raise UsageProblem(f"--notify {kind}=...: {wrong}", hint=_HOW)
    return Receiver(kind=kind, address=address)


def _wrong_topic(address: str) -> str:
    return "" if _TOPIC.fullmatch(address) else "this is not the ARN of an SNS topic"
