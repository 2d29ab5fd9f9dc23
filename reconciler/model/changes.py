"""Changes and refusals: what differs between desired and live, and what will not be done."""

from typing import Literal

from reconciler.model.base import JsonValue, Record

EditOp = Literal["add", "remove", "change", "move"]


class Edit(Record):
    """One step inside a field: a member added, removed or changed, a rule moved.

    ``path`` leads from the field to the member (("graph.facebook.com", "Rules", 2)); rule numbers
    are 1-based, those of ``before`` for a removal and of ``after`` otherwise.  Secrets are masked
    in ``before`` and ``after``; ``secret`` says that the masked part is what changed.
    """

    op: EditOp
    path: tuple[str | int, ...]
    before: JsonValue = None
    after: JsonValue = None
    secret: bool = False


class Change(Record):
    """One difference between desired and live, on one field.

    ``before`` and ``after`` are the whole field, masked; ``edits`` say how they differ.
    """

    field: str
    before: JsonValue
    after: JsonValue
    edits: tuple[Edit, ...]
    irreversible: bool = False


class Refusal(Record):
    """A change that idpool will not make.  ``rule`` is a stable id.

    ``is_error``: not a matter of judgement but of a broken state (exit 1 instead of 3).
    """

    rule: str
    reason: str
    way_out: str
    field: str = ""
    is_error: bool = False


class Notice(Record):
    """Something that a reviewer should know and that stops nothing."""

    rule: str
    message: str
