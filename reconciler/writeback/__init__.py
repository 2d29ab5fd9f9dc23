"""YAML text in, YAML text out: tidy specs, and edits that leave alone what they are not about."""

from reconciler.writeback.emission import Path
from reconciler.writeback.fmt import format_text
from reconciler.writeback.masking import masked
from reconciler.writeback.pulling import PulledFile, pull
from reconciler.writeback.spec_text import spec_text
from reconciler.writeback.tree import Strange

__all__ = ["Path", "PulledFile", "Strange", "format_text", "masked", "pull", "spec_text"]
