"""Where something stands in a file."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from reconciler.model.config import RECORD_CONFIG

if TYPE_CHECKING:
    from pydantic import ConfigDict


@dataclass(frozen=True, slots=True)
class Source:
    """Where a spec stands: file as the user named it, 1-based line of the document."""

    __pydantic_config__: ClassVar["ConfigDict"] = RECORD_CONFIG

    file: str
    line: int = 1
