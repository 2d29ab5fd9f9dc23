"""Plain data has the fields that the models have, and needs those that they need."""

from typing import Any, is_typeddict

import pytest

from reconciler.model import written
from reconciler.model.pool_test_file import (
    ExpectedRole,
    PoolTestDocument,
    PoolTestMetadata,
    PoolTestSpec,
)
from reconciler.model.project_file import (
    IgnoreEntry,
    PolicyEntry,
    PolicyTestEntry,
    PolicyTestTarget,
    ProjectDocument,
    Reads,
    TargetSettings,
    TerraformState,
    WaiverEntry,
)
from reconciler.model.spec import Lifecycle, Metadata, PoolDocument, PoolSpec
from reconciler.model.spec_values import (
    ClientSpec,
    RoleMappingSpec,
    RolesSpec,
    RulesConfigurationSpec,
    RuleSpec,
)

MODELS: dict[str, Any] = {
    "ClientData": ClientSpec,
    "RuleData": RuleSpec,
    "RulesConfigurationData": RulesConfigurationSpec,
    "RoleMappingData": RoleMappingSpec,
    "RolesData": RolesSpec,
    "PoolData": PoolSpec,
    "MetadataData": Metadata,
    "LifecycleData": Lifecycle,
    "SpecData": PoolDocument,
    "ExpectedRoleData": ExpectedRole,
    "PoolTestSpecData": PoolTestSpec,
    "PoolTestMetadataData": PoolTestMetadata,
    "PoolTestData": PoolTestDocument,
    "TargetData": TargetSettings,
    "IgnoreData": IgnoreEntry,
    "TerraformData": TerraformState,
    "ReadsData": Reads,
    "PolicyTestTargetData": PolicyTestTarget,
    "PolicyTestData": PolicyTestEntry,
    "PolicyData": PolicyEntry,
    "WaiverData": WaiverEntry,
    "ProjectData": ProjectDocument,
}


def test_every_shape_of_plain_data_has_its_model() -> None:
    assert {name for name, each in vars(written).items() if is_typeddict(each)} - {
        "TypedDict"
    } == set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_plain_data_is_as_the_model_is(name: str) -> None:
    fields = {field.alias or key: field for key, field in MODELS[name].model_fields.items()}
    data: Any = getattr(written, name)
    assert data.__required_keys__ | data.__optional_keys__ == set(fields)
    assert data.__required_keys__ == {k for k, field in fields.items() if field.is_required()}
