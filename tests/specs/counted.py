"""Runs ``idpool`` and counts what it does: ``python counted.py COUNTS.json ARGUMENTS...``.

Nothing is replaced by what behaves otherwise: calls are counted, and made.
"""

import gc
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema_rs

from reconciler.text.tree import Map

counts: Counter[str] = Counter()


def count(owner: Any, name: str, what: str) -> None:
    """Count the calls of ``owner.name``."""
    counted = getattr(owner, name)

    def call(*arguments: Any, **named: Any) -> Any:
        counts[what] += 1
        return counted(*arguments, **named)

    setattr(owner, name, call)


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: what Python itself tells of files, folders and processes."""
    if event == "open" and str(arguments[0]).endswith((".yaml", ".yml")):
        counts["files opened"] += 1
        there = sum(isinstance(each, Map) for each in gc.get_objects())
        counts["most mappings there at once"] = max(counts["most mappings there at once"], there)
    elif event == "os.scandir":
        counts["folders listed"] += 1
    elif event == "os.fork":
        counts["forks"] += 1


def run(arguments: list[str]) -> int:
    """Run the command in this process."""
    from reconciler.cli.main import main

    sys.argv[1:] = arguments
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)


if __name__ == "__main__":
    count(os, "stat", "stats")
    count(os, "lstat", "stats")
    count(jsonschema_rs, "Draft7Validator", "schemas compiled")
    count(Map, "__init__", "mappings composed")
    sys.addaudithook(watch)
    output, *rest = sys.argv[1:]
    code = run(rest)
    Path(output).write_text(json.dumps(counts), encoding="utf-8")
    sys.exit(code)
