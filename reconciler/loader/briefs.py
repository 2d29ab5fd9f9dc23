"""Files that are checked, and of which only a brief is kept: plain data that fits into JSON."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias

from reconciler.loader.headers import Header
from reconciler.loader.positions import Places
from reconciler.loader.reading import Brief, Reader
from reconciler.model.findings import Finding
from reconciler.model.project import Project

# Each with whether it was found in a folder.
Files: TypeAlias = Iterable[tuple[Path, bool]]


def brief_of(files: Files, project: Project) -> Brief:
    """Check files, one after the other."""
    reader = Reader(project)
    for path, walked in files:
        reader.read_file(path, walked)
    return reader.brief


def packed(brief: Brief) -> bytes:
    """A brief as JSON, for the way between two processes."""
    headers = [
        (h.file, h.name, h.targets, h.adopt, h.former, list(h.places.items()))
        for h in brief.headers
    ]
    findings = [asdict(finding) for finding in brief.findings]
    return json.dumps((brief.count, headers, findings)).encode()


def unpacked(data: bytes) -> Brief:
    """The brief that was packed."""
    count, headers, findings = json.loads(data)
    return Brief(count, list(map(_header, headers)), [Finding(**each) for each in findings])


def _header(row: list[Any]) -> Header:
    file, name, targets, adopt, former, places = row
    return Header(
        file=file,
        name=name,
        targets=_members(targets),
        adopt=adopt,
        former=_members(former),
        places={tuple(path): Places(tuple(key), tuple(value)) for path, (key, value) in places},
    )


def _members(rows: list[list[Any]] | None) -> tuple[tuple[int, str], ...] | None:
    return None if rows is None else tuple((index, text) for index, text in rows)
