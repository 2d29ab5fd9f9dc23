"""Whatever way people write a pool, it becomes the same spec, and every property comes back."""

import json
from pathlib import Path

import pytest

from reconciler.model.pool import canonical_pool
from tests.converters.cases import (
    POOL_ID,
    STATE_OPTIONS,
    TEMPLATE_OPTIONS,
    WITHOUT_ID,
    pool_of,
    states,
    storefront,
    templates,
    yaml_values,
)
from tests.converters.conftest import CORPUS
from tests.converters.readers import (
    hcl_values,
    resources_of,
    spec_of_attributes,
    specs_of_template,
)
from tests.support.cfn_lint import assert_lints_clean
from tests.support.cli import Idpool

EXPECTED = canonical_pool(storefront())


def by_name(path: Path) -> str:
    """A test is called what its file is called."""
    return path.name


def test_the_corpus_is_as_large_as_it_was_asked_for() -> None:
    files = [
        path for folder in ("cloudformation", "terraform") for path in (CORPUS / folder).iterdir()
    ]
    assert len(files) >= 25
    assert {path.name for path in templates()} == set(TEMPLATE_OPTIONS)


@pytest.mark.parametrize("template", templates(), ids=by_name)
def test_a_template_becomes_the_spec_and_comes_back_whole(template: Path, idpool: Idpool) -> None:
    options = TEMPLATE_OPTIONS[template.name]
    result = idpool.run("convert", "cloudformation", str(template), *options, "--out", "specs")
    assert result.code == 0, result.text
    assert result.out == ""
    assert "is already" not in result.err
    (document,) = yaml_values((idpool.folder / "specs/storefront.yaml").read_text())
    assert pool_of(document) == EXPECTED
    assert document["metadata"] == {"name": "storefront"}

    assert idpool.run("export", "cloudformation", "specs", "--out", "back.yaml").code == 0
    (back,) = yaml_values((idpool.folder / "back.yaml").read_text())
    (spec,) = specs_of_template(back).values()
    assert canonical_pool(spec) == EXPECTED


@pytest.mark.parametrize("state", states(), ids=by_name)
def test_a_state_becomes_the_spec_and_comes_back_whole(state: Path, idpool: Idpool) -> None:
    options = STATE_OPTIONS.get(state.name, ())
    result = idpool.run("convert", "terraform", str(state), *options, "--out", "specs")
    assert result.code == 0, result.text
    assert result.out == ""
    (document,) = yaml_values((idpool.folder / "specs/storefront.yaml").read_text())
    assert pool_of(document) == EXPECTED
    adopt = {} if state.name in WITHOUT_ID else {"adopt": POOL_ID}
    assert document["metadata"] == {"name": "storefront", **adopt}

    back = idpool.run("export", "terraform", "specs/storefront.yaml")
    assert back.code == 0, back.text
    configuration = hcl_values(back.out)
    assert canonical_pool(spec_of_attributes(resources_of(configuration))) == EXPECTED
    imports = {block["to"]: block["id"] for block in configuration.get("import", [])}
    assert len(imports) == (0 if state.name in WITHOUT_ID else 3)
    assert all(pool_id.startswith(POOL_ID) for pool_id in imports.values())


def test_a_plan_with_two_pools_of_one_resource_makes_two_specs(idpool: Idpool) -> None:
    state = CORPUS / "terraform/storefront-plan-create.json"
    result = idpool.run("convert", "terraform", str(state), "--out", "specs")
    names = sorted(path.name for path in (idpool.folder / "specs").iterdir())
    assert names == ["storefront-us.yaml", "storefront.yaml"], result.text
    assert result.err.count("does not exist yet") == 2
    assert "terraform state rm" not in result.err


def test_template_and_state_of_one_pool_give_one_text(idpool: Idpool) -> None:
    """The spec tells nothing of where it came from, but for the id."""
    template = CORPUS / "cloudformation/storefront-literal.json"
    made = idpool.run("convert", "cloudformation", str(template), "--set", f"Pool={POOL_ID}")
    state = CORPUS / "terraform/storefront-state.tfstate"
    other = idpool.run("convert", "terraform", str(state))
    assert made.code == other.code == 0
    assert yaml_values(made.out)[0]["metadata"] == yaml_values(other.out)[0]["metadata"]
    assert pool_of(yaml_values(made.out)[0]) == pool_of(yaml_values(other.out)[0])


def test_exports_in_yaml_and_json_say_the_same_and_lint_clean(idpool: Idpool) -> None:
    template = CORPUS / "cloudformation/storefront-literal.yaml"
    spec = idpool.run("convert", "cloudformation", str(template)).out
    idpool.write("specs/s.yaml", spec)
    as_yaml = idpool.run("export", "cloudformation", "specs").out
    as_json = idpool.run("export", "cloudformation", "specs", "--format", "json").out
    assert json.loads(as_json) == yaml_values(as_yaml)[0]
    assert_lints_clean(idpool.write("back.json", as_json), idpool.write("back.yaml", as_yaml))
