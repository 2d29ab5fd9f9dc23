"""The names of all formats, by artefact, for who has not got anything to write yet."""

from enum import StrEnum
from typing import Final


class Format(StrEnum):
    """How an artefact is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    JUNIT = "junit"
    SARIF = "sarif"
    GITHUB = "github"


OF_PLANS: Final = tuple(Format)
OF_DRIFT: Final = OF_PLANS
# Not SARIF: a receipt tells of runs, not of files.
OF_RECEIPTS: Final = tuple(each for each in Format if each is not Format.SARIF)
# Not HTML, which is for what is kept of a run.
OF_FINDINGS: Final = tuple(each for each in Format if each is not Format.HTML)
