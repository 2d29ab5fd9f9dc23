"""Canonical JSON and digests; records."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.base import RECORD_CONFIG, JsonValue, camel_case, canonical_json, digest
from reconciler.model.project import Target
from reconciler.model.records import ApiShape, Record

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


class Sample(Record):
    """A record for these tests."""

    pool_id: str


class Holder(Record):
    """A record with a plain dataclass in it."""

    target: Target


class Shape(ApiShape):
    """A shape for these tests."""

    PoolId: str


def test_canonical_json_is_sorted_short_and_readable() -> None:
    assert canonical_json({"b": [1, None], "a": {"ü": "ß"}}) == '{"a":{"ü":"ß"},"b":[1,null]}'


def test_the_digest_is_the_same_everywhere() -> None:
    """The digest of an empty map, as any SHA-256 tool says."""
    empty = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert digest({}) == f"sha256:{empty}"


@given(st.dictionaries(st.text(), _json))
def test_the_order_of_keys_does_not_matter(value: dict[str, JsonValue]) -> None:
    assert digest(value) == digest(dict(reversed(value.items())))


@given(_json, _json)
def test_different_values_have_different_digests(one: JsonValue, other: JsonValue) -> None:
    assert (digest(one) == digest(other)) == (canonical_json(one) == canonical_json(other))


def test_the_order_of_a_list_matters() -> None:
    assert digest([1, 2]) != digest([2, 1])


def test_a_record_is_snake_case_here_and_camel_case_in_json() -> None:
    assert Sample(pool_id="x").model_dump_json() == '{"poolId":"x"}'
    assert Sample.model_validate({"poolId": "x"}) == Sample(pool_id="x")


def test_a_shape_is_called_what_the_api_calls_it() -> None:
    assert Shape(PoolId="x").model_dump() == {"PoolId": "x"}


@pytest.mark.parametrize("data", [{"poolId": "x", "other": 1}, {}])
def test_a_record_takes_its_own_fields_and_no_others(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="1 validation error"):
        Sample.model_validate(data)


def test_plain_dataclasses_are_written_and_read_as_records_are() -> None:
    assert Record.model_config == RECORD_CONFIG
    assert camel_case("validate_by_name") == "validateByName"
    holder = Holder(target=Target(name="eu", role_arn="r"))
    text = '{"target":{"name":"eu","account":null,"region":null,"roleArn":"r"}}'
    assert holder.model_dump_json() == text
    assert Holder.model_validate_json(text, strict=True) == holder
    with pytest.raises(ValueError, match="Unexpected keyword argument"):
        Holder.model_validate_json(text.replace("roleArn", "other"), strict=True)


def test_records_and_shapes_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Sample(pool_id="x").pool_id = "y"  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        Shape(PoolId="x").PoolId = "y"  # type: ignore[misc]
