"""Files that are checked, and of which only a brief is kept: plain data that fits into JSON."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from reconciler.loader.headers import Header
from reconciler.loader.positions import Places
from reconciler.loader.reading import Reading, read_file
from reconciler.model.findings import Finding
from reconciler.model.project import Project

# Each with whether it was found in a folder.
Files: TypeAlias = Iterable[tuple[Path, bool]]


@dataclass(slots=True)
class Brief:
    """How many specs are valid, what the rules across documents need, and what is wrong."""

    count: int = 0
    headers: list[Header] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, other: "Brief") -> None:
        """Add the brief of the files that come next."""
        self.count += other.count
        self.headers += other.headers
        self.findings += other.findings


def brief_of(files: Files, project: Project) -> Brief:
    """Check files, one after the other."""
    brief = Brief()
    for path, walked in files:
        reading = Reading()
        read_file(path, walked, project, reading)
        brief.add(Brief(len(reading.specs), reading.headers, reading.findings))
    return brief


def packed(brief: Brief) -> bytes:
    """A brief as JSON, for the way between two processes."""
    headers = [(h.file, h.name, h.targets, h.adopt, list(h.places.items())) for h in brief.headers]
    findings = [finding.model_dump() for finding in brief.findings]
    return json.dumps((brief.count, headers, findings)).encode()


def unpacked(data: bytes) -> Brief:
    """The brief that was packed."""
    count, headers, findings = json.loads(data)
    return Brief(count, list(map(_header, headers)), [Finding(**each) for each in findings])


def _header(row: list[Any]) -> Header:
    file, name, targets, adopt, places = row
    return Header(
        file=file,
        name=name,
        targets=None if targets is None else tuple((index, target) for index, target in targets),
        adopt=adopt,
        places={tuple(path): Places(tuple(key), tuple(value)) for path, (key, value) in places},
    )
