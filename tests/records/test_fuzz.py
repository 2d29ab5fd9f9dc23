"""Whatever is in the file: it is read, or one error says why not."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.receipt import Receipt
from reconciler.planner.resumption import is_complete, standings
from reconciler.reports.record_text import journal_text
from reconciler.specs.records import UnusableRecord, load_receipt, read_journal
from tests.records.conftest import Records
from tests.strategies import fuzzed

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
_PIECES = (b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\", b"\n", b"NaN", b"1e999", b"\xff", b"\0")


def _read_both(file: Path, content: bytes) -> None:
    """Read it as either; what is read must be of use to what comes next."""
    file.write_bytes(content)
    for use in (_use_receipt, _use_journal):
        with suppress(UnusableRecord):
            use(file)


def _use_receipt(file: Path) -> None:
    receipt = load_receipt(file)
    assert Receipt.model_validate_json(receipt.model_dump_json(by_alias=True)) is not None


def _use_journal(file: Path) -> None:
    read = read_journal(file)
    pools = standings(read.entries)
    is_complete(read.entries, pools)
    journal_text(pools, pools, is_cut=read.is_cut)


@fuzzed
@given(content=st.binary(max_size=300))
def test_any_bytes(file: Path, content: bytes) -> None:
    """Not a byte of it need be sense."""
    _read_both(file, content)


@fuzzed
@given(value=_JSON)
def test_any_json(file: Path, value: Any) -> None:
    """Nor need JSON be ours."""
    _read_both(file, json.dumps(value).encode() + b"\n")


@st.composite
def _splices(draw: st.DrawFn) -> list[tuple[float, int, bytes]]:
    """Where (as a part of the whole), how much is cut out, what is put there."""
    piece = st.sampled_from(_PIECES) | st.binary(max_size=4)
    splice = st.tuples(st.floats(0, 1), st.integers(0, 40), piece)
    return draw(st.lists(splice, min_size=1, max_size=4))


@pytest.mark.parametrize("kind", ["receipt", "journal"])
@fuzzed
@given(splices=_splices())
def test_real_records_with_bytes_changed(
    file: Path, records: Records, kind: str, splices: list[tuple[float, int, bytes]]
) -> None:
    """Cut out, put in, overwritten."""
    content = bytearray(getattr(records, kind))
    for place, length, piece in splices:
        start = int(place * len(content))
        content[start : start + length] = piece
    _read_both(file, bytes(content))


@pytest.mark.parametrize("kind", ["receipt", "journal"])
@fuzzed
@given(data=st.data())
def test_real_records_with_values_changed(
    file: Path, records: Records, kind: str, data: st.DataObject
) -> None:
    """JSON still, but a member somewhere is another, or gone, or has a new neighbour."""
    lines = [records.receipt] if kind == "receipt" else records.journal.splitlines()
    values = [json.loads(line) for line in lines]
    change_somewhere(values, data)
    with suppress(UnicodeEncodeError):
        _read_both(file, b"".join(json.dumps(value).encode() + b"\n" for value in values))


def change_somewhere(here: Any, data: st.DataObject) -> None:
    """Replace, remove or add one member of a JSON value."""
    while True:
        key = data.draw(
            st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here)))
        )
        if not (isinstance(here[key], dict | list) and here[key] and data.draw(st.booleans())):
            break
        here = here[key]
    how = data.draw(st.sampled_from(["replace", "remove", "add"]))
    if how == "replace":
        here[key] = data.draw(_JSON)
    elif how == "remove":
        del here[key]
    elif isinstance(here, dict):
        here[data.draw(st.text())] = data.draw(_JSON)
