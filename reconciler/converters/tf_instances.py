"""Resources of a Terraform state or plan, one at a time, whichever of three formats holds them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.converters.nodes import NOTHING, Node

POOL: Final = "aws_cognito_identity_pool"
ROLES: Final = "aws_cognito_identity_pool_roles_attachment"
PRINCIPAL_TAGS: Final = "aws_cognito_identity_pool_provider_principal_tag"
KINDS: Final = frozenset({POOL, ROLES, PRINCIPAL_TAGS})
MANAGED: Final = "managed"

_IDENTIFIER: Final = r"[^\W\d][\w-]*"
_KEY: Final = r'\[(?:[0-9]+|"(?:[^"\\]|\\.)*")\]'
_MODULES: Final = rf"(?:module\.{_IDENTIFIER}(?:{_KEY})?\.)*"
_ADDRESS: Final = re.compile(rf"({_MODULES})({'|'.join(sorted(KINDS))})\.({_IDENTIFIER})({_KEY})?")


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance of one resource.

    ``attributes``: Terraform's names and values; ``unknown``: a tree with ``true`` where a value is
    known only after apply; ``before``: the attributes of what a plan replaces, if it does;
    ``references``: what the configuration says the pool's id comes from.
    """

    address: str
    kind: str
    attributes: Node
    unknown: Node = NOTHING
    before: Node = NOTHING
    is_tainted: bool = False
    references: tuple[str, ...] = ()

    @property
    def exists(self) -> bool:
        """Whether there is something in AWS that Terraform keeps under this address."""
        return bool(self.attributes.get("id").text or self.before.get("id").text)

    @property
    def is_address(self) -> bool:
        """Whether Terraform could have written this address."""
        return _ADDRESS.fullmatch(self.address) is not None

    @property
    def module(self) -> str:
        """The module instance it is in, with a dot at the end; "" for the root."""
        match = _ADDRESS.fullmatch(self.address)
        return match[1] if match else ""

    @property
    def key(self) -> str:
        """``[0]`` or ``["eu"]``, "" without count and for_each."""
        match = _ADDRESS.fullmatch(self.address)
        return (match[4] or "") if match else ""

    @property
    def resource(self) -> str:
        """The address as a configuration knows it: without the keys of instances."""
        return without_keys(self.address)


@dataclass(frozen=True, slots=True)
class Found:
    """The instances of a file that count, and lines about those that do not."""

    instances: tuple[Instance, ...]
    notes: tuple[str, ...] = ()


def is_foreign(members: Mapping[str, Node]) -> bool:
    """Whether an object that begins so is a resource of no interest: most are, in most states."""
    kind = members.get("type") if "mode" in members else None
    return kind is not None and kind.text not in KINDS


def without_keys(address: str) -> str:
    """An address without ``[0]`` and ``["eu"]``, of modules and of the resource."""
    return re.sub(_KEY, "", address)


def address_of(module: str, kind: str, name: str, key: Node) -> str:
    """The address of an instance, put together from its parts."""
    head = f"{module}." if module else ""
    return f"{head}{kind}.{name}{key_text(key)}"


def key_text(key: Node) -> str:
    """An instance's key as addresses show it."""
    if key.text is None:
        return ""
    if key.is_number:
        return f"[{key.text}]"
    quoted = json.dumps(key.text, ensure_ascii=False)
    return f"[{quoted.replace('${', '$${').replace('%{', '%%{')}]"
