"""Properties: valid documents load as they are; nothing else than InvalidSpecs ever comes out."""

import io
import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from reconciler.model.errors import InvalidSpecs
from reconciler.model.pool import canonical_pool
from reconciler.model.project import Project
from reconciler.model.spec import PoolDocument, spec_as_api
from reconciler.specs.completion import parsed
from reconciler.specs.loading import Loaded, load_specs
from reconciler.specs.project import load_project
from tests.specs.texts import GOOD, PROJECT
from tests.strategies import documents, fuzzed, lifecycles, pool_specs


def _load(content: bytes) -> Loaded:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "spec.yaml")
        path.write_bytes(content)
        return load_specs([path], Project())


def _block_yaml(document: dict[str, Any]) -> str:
    yaml = YAML()
    yaml.version = None
    yaml.width = 1_000_000
    text = io.StringIO()
    yaml.dump(document, text)
    return text.getvalue()


@given(document=documents(lifecycle=lifecycles()))
def test_a_dumped_document_loads_as_the_same_pool(document: dict[str, Any]) -> None:
    """As block YAML and as JSON; warnings are allowed, errors are not."""
    for text in (_block_yaml(document), json.dumps(document, ensure_ascii=False)):
        (spec,) = _load(text.encode()).specs
        assert spec.name == document["metadata"]["name"]
        assert spec.pool == canonical_pool({"AllowClassicFlow": False, **document["spec"]})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _tagged(value: object) -> str:
    """JSON with the tag of each value before it."""
    if isinstance(value, dict):
        members = (f"!!str {_json(key)}: {_tagged(each)}" for key, each in value.items())
        return f"!!map {{{', '.join(members)}}}"
    if isinstance(value, list):
        return f"!!seq [{', '.join(map(_tagged, value))}]"
    return f"!!{'bool' if isinstance(value, bool) else 'str'} {_json(value)}"


@given(document=documents(lifecycle=lifecycles()), unknown=st.booleans())
def test_what_has_the_tag_that_it_would_have_anyway_loads_alike(
    document: dict[str, Any], unknown: bool
) -> None:
    """A node without a tag of its own is known at sight; one with it takes the longer way."""
    if unknown:
        document["spec"]["Unknown"] = {"a": ["b", True]}
    assert _outcome(_tagged(document)) == _outcome(_json(document))


def _outcome(text: str) -> list[object]:
    try:
        loaded = _load(text.encode())
    except InvalidSpecs as invalid:
        return [(each.path, each.rule, each.message, each.fix) for each in invalid.findings]
    return [*loaded.specs[0].document, *(each.path for each in loaded.warnings)]


@given(specs=st.lists(pool_specs(), min_size=2, max_size=3))
def test_many_documents_of_one_file_load_in_order(specs: list[dict[str, Any]]) -> None:
    """Each with its own name and line."""
    head = {"apiVersion": "idpool/v1", "kind": "IdentityPool"}
    whole = [
        {**head, "metadata": {"name": f"n{number}"}, "spec": spec}
        for number, spec in enumerate(specs)
    ]
    text = "\n---\n".join(json.dumps(document, ensure_ascii=False) for document in whole)
    loaded = _load(text.encode()).specs
    assert [(spec.name, spec.source.line) for spec in loaded] == [
        (f"n{number}", 2 * number + 1) for number in range(len(specs))
    ]


@given(spec=pool_specs())
def test_the_model_keeps_what_is_unmanaged_apart_from_what_is_empty(spec: dict[str, Any]) -> None:
    """Left out is None, {} is {}."""
    document = {
        "apiVersion": "idpool/v1",
        "kind": "IdentityPool",
        "metadata": {"name": "a"},
        "spec": spec,
    }
    pool = PoolDocument.model_validate(document).spec
    as_api = spec_as_api(pool)
    for field in ("Roles", "RoleMappings", "PrincipalTagAttributeMaps"):
        assert (field in as_api) == (field in spec)
    canonical = canonical_pool(as_api)
    assert canonical.manages_roles == ("Roles" in spec or "RoleMappings" in spec)
    assert canonical.manages_principal_tags == ("PrincipalTagAttributeMaps" in spec)


YAML_SIGNS = st.text(st.sampled_from("abc:-[]{},&*!|>'\"%@`#?<~ \n\t01.=$"), max_size=60)


@fuzzed
@given(
    content=st.one_of(
        st.binary(max_size=200), st.text().map(str.encode), YAML_SIGNS.map(str.encode)
    )
)
def test_any_bytes_load_or_are_refused(content: bytes) -> None:
    """As specs and as a project file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "idpool.yaml")
        path.write_bytes(content)
        with pytest.raises(InvalidSpecs) as refused:
            load_specs([path], Project())
        assert all(finding.line > 0 and finding.column > 0 for finding in refused.value.findings)
        with pytest.raises(InvalidSpecs):
            load_project(path)


@fuzzed
@given(data=st.data(), text=st.sampled_from([GOOD, PROJECT]))
def test_any_edit_of_a_good_file_loads_or_is_refused(data: st.DataObject, text: str) -> None:
    """One place cut out, replaced or filled with something that YAML cares about."""
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, min(len(text), begin + 40)))
    edited = text[:begin] + data.draw(YAML_SIGNS) + text[end:]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "idpool.yaml")
        path.write_text(edited, encoding="utf-8")
        for load in (lambda: load_specs([path], Project()), lambda: load_project(path)):
            with suppress(InvalidSpecs):
                load()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@fuzzed
@given(data=st.data(), document=documents(lifecycle=lifecycles()), value=JSON)
def test_any_value_in_any_field_loads_or_is_refused(
    data: st.DataObject, document: dict[str, Any], value: object
) -> None:
    """A value of any type in place of one field, or beside the fields of a mapping."""
    here: Any = document
    while True:
        keys = [*here, "new"] if isinstance(here, dict) else list(range(len(here)))
        key = data.draw(st.sampled_from(keys)) if keys else None
        inner = here.get(key) if isinstance(here, dict) else here[key] if keys else None
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            break
        here = inner
    if key is not None:
        here[key] = value
    with suppress(InvalidSpecs):
        _load(json.dumps(document).encode())


def test_a_disagreement_of_schema_and_model_is_a_problem_like_any_other() -> None:
    """Two regular expression engines may differ; nobody shall see a traceback for that."""
    record, problems = parsed(cast("Any", {"apiVersion": "idpool/v1", "kind": "IdentityPool"}))
    assert record is None
    assert [problem.path for problem in problems] == [("metadata",), ("spec",)]
