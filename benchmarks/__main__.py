"""The benches, one after the other.  README.md says what they measure and how."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from benchmarks import applying, planner, planning, start, validation
from benchmarks.aws import ROOT
from benchmarks.figures import Findings
from benchmarks.machine import facts, is_busy
from benchmarks.setup import Setup
from benchmarks.tables import markdown_report, missed, text_report, void

BENCHES: Final[dict[str, Callable[[Setup], Findings]]] = {
    "start": start.measure,
    "validate": validation.measure,
    "plan": planning.measure,
    "planner": planner.measure,
    "apply": applying.measure,
}
RESULTS: Final = ROOT / "benchmarks" / "RESULTS.md"
_SIZES: Final = (10, 100, 1_000, 10_000)
_QUICK_SIZES: Final = (10, 100)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, show, write down.  0 when all was measured, whatever came out."""
    options = _parser().parse_args(arguments)
    machine = facts()
    if is_busy():
        _say("The machine is busy with something else: do not trust what follows.")
    sizes = tuple(sorted(options.sizes)) or (_QUICK_SIZES if options.quick else _SIZES)
    with tempfile.TemporaryDirectory(prefix="idpool-bench-") as folder:
        setup = Setup(Path(folder), sizes, quick=options.quick)
        findings = [_measure(name, setup) for name in options.only or BENCHES]
    print(text_report(findings))
    out = options.out or (None if options.only or options.quick or options.sizes else RESULTS)
    if out is not None:
        out.write_text(markdown_report(findings, machine), encoding="utf-8")
        _say(f"Written: {out}")
    return exit_code(findings, strict=options.strict)


def _measure(name: str, setup: Setup) -> Findings:
    began = time.monotonic()
    findings = BENCHES[name](setup)
    _say(f"{name}: {time.monotonic() - began:.0f} s")
    return findings


def exit_code(findings: Sequence[Findings], *, strict: bool) -> int:
    """1 for what was not measured, and with ``strict`` for a missed goal; else 0."""
    return 1 if void(findings) or (strict and missed(findings)) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=BENCHES, default=[], metavar="NAME",
        help=f"measure only these: {', '.join(BENCHES)}",
    )  # fmt: skip
    parser.add_argument(
        "--sizes", nargs="+", type=_size, default=[], metavar="N",
        help=f"numbers of pools; default {' '.join(map(str, _SIZES))}",
    )  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="two runs of small sizes: no figures")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a goal is missed")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="default: RESULTS.md, if all is measured"
    )
    return parser


def _size(text: str) -> int:
    size = int(text)
    if size < 1:
        raise ValueError(text)
    return size


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
