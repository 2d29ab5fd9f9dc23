"""Any spec, exported and converted back, is the same spec."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.converters.cfn_template import to_cloudformation
from reconciler.converters.cloudformation import from_cloudformation
from reconciler.converters.conversion import Supplied
from reconciler.converters.export import ExportedPool
from reconciler.converters.terraform import from_terraform
from reconciler.converters.tf_config import label, quoted, to_terraform
from reconciler.model.findings import Source
from reconciler.model.pool import Pool
from reconciler.model.spec import PoolDocument, Spec
from tests.converters.cases import pool_of, yaml_values
from tests.converters.readers import applied_state, hcl_values, specs_of_template
from tests.strategies import documents, examples

POOL_IDS = st.uuids().map("eu-west-1:{}".format)


def spec_of(document: dict[str, Any]) -> Spec:
    """A document as the loader would give it."""
    return Spec(source=Source(file="specs/a.yaml"), document=PoolDocument.model_validate(document))


def comparable(pool: Pool) -> Pool:
    """That nobody has principal tags is no resource elsewhere, and so is not carried."""
    maps = pool.PrincipalTagAttributeMaps or None
    return pool.model_copy(update={"PrincipalTagAttributeMaps": maps})


def different_names(several: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({document["metadata"]["name"]: document for document in several}.values())


SEVERAL = st.lists(documents(), min_size=1, max_size=3).map(different_names)


@examples(100)
@given(SEVERAL, st.booleans())
def test_spec_to_cloudformation_to_spec(several: list[dict[str, Any]], as_json: bool) -> None:
    pools = [ExportedPool(spec_of(document), None) for document in several]
    text = to_cloudformation(pools, as_json=as_json).text
    back = from_cloudformation("t.yaml", text, Supplied(), None)
    assert back.is_complete, back.findings
    found = {pool.name: pool_of(yaml_values(pool.text)[0]) for pool in back.pools}
    assert found == {each.name: comparable(each.pool) for each in pools}
    # And as another reader sees it: idpool's own mistakes must not cancel out.
    specs = specs_of_template(yaml_values(text)[0] if not as_json else json.loads(text))
    read = [comparable(pool_of({"spec": spec})) for spec in specs.values()]
    assert read == [comparable(each.pool) for each in pools]


@examples(60)
@given(SEVERAL, st.data())
def test_spec_to_terraform_to_state_to_spec(
    several: list[dict[str, Any]], data: st.DataObject
) -> None:
    ids = data.draw(st.lists(POOL_IDS, min_size=len(several), max_size=len(several), unique=True))
    pools = [ExportedPool(spec_of(d), pool_id) for d, pool_id in zip(several, ids, strict=True)]
    text = to_terraform(pools).text
    state = applied_state(text, {label(each.name): each.pool_id or "" for each in pools})
    back = from_terraform("t.tfstate", state, Supplied(), None)
    assert back.is_complete, back.findings
    found = {
        pool.document.metadata.adopt: pool_of(yaml_values(pool.text)[0]) for pool in back.pools
    }
    assert found == {each.pool_id: comparable(each.pool) for each in pools}


# The parser of these tests wants an escaped template to be closed; Terraform's own does not.
PIECES = st.one_of(
    st.sampled_from(["${a}", "%{a}", "$${a}", "%%{a}", "${~a~}", "$", "%", "\\", '"', "}", "\n"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="{")),
)


@examples(200)
@given(st.lists(PIECES).map("".join))
def test_any_text_survives_terraforms_quotes(text: str) -> None:
    assert hcl_values(f"a = {quoted(text)}\n") == {"a": text}
