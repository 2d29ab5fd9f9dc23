"""Specs as data, written as YAML the way the loader reads it."""

import json
from collections.abc import Mapping
from typing import Any


def document(
    name: str = "storefront",
    spec: Mapping[str, Any] | None = None,
    *,
    metadata: Mapping[str, Any] | None = None,
    lifecycle: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A document around a ``spec:`` block; IdentityPoolName is the name where none is given."""
    built: dict[str, Any] = {
        "apiVersion": "idpool/v1",
        "kind": "IdentityPool",
        "metadata": {"name": name, **(metadata or {})},
        "spec": {"IdentityPoolName": name, **(spec or {})},
    }
    if lifecycle:
        built["lifecycle"] = dict(lifecycle)
    return built


def yaml_of(*documents: Mapping[str, Any]) -> str:
    """Documents as one YAML stream; JSON is YAML, and quotes every string."""
    return "\n---\n".join(json.dumps(document, indent=2) for document in documents) + "\n"
