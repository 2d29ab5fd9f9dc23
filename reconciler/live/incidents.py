"""Failures that nobody has foreseen, where they are the failure of one pool and not of the run."""

import logging
import traceback
import uuid

_LOG = logging.getLogger(__name__)

UNFORESEEN = "Unforeseen"


def incident(bug: Exception) -> str:
    """A sentence with a number; under that number the log (-vv) says where it happened.

    The exception's own text is left out of both: it may quote a secret.
    """
    number = uuid.uuid4().hex[:12]
    frames = "".join(traceback.format_tb(bug.__traceback__))
    _LOG.debug("incident %s: %s\n%s", number, type(bug).__name__, frames)
    return f"idpool has a bug: {type(bug).__name__} (incident {number})"


REPORT = "please report it with what -vv says of this incident"
