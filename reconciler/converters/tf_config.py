"""Specs as a Terraform configuration, with import blocks for the live pools."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from typing import Any, Final, TypeAlias

from reconciler.converters.export import Export, ExportedPool, not_carried, short_hash
from reconciler.converters.shapes import terraform_name
from reconciler.converters.tf_instances import POOL, PRINCIPAL_TAGS, ROLES
from reconciler.model.pool import FIELDS, pool_as_api
from reconciler.model.pool_fields import Call, FieldKind
from reconciler.model.pool_values import RoleMapping

# Two signs that begin a template (HCL native syntax specification, "Templates").
_TEMPLATE: Final = re.compile(r"([$%])(?=\{)")
# A value that begins on one line and goes on below it is not aligned.
_SHORT_ATTRIBUTE: Final = re.compile(r'("(?:[^"\\]|\\.)*"|[\w-]+) = (.*[^\[{])')
_INDENT: Final = "  "
_SHORT: Final = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_MOST_IN_FOUR: Final = 0xFFFF
Term: TypeAlias = "str | bool | list[Term] | Mapping[str, Term]"
_NO_ID: Final = "POOL_ID"
_WORD: Final = re.compile(r"[a-z0-9]+")


class Expression(str):
    """Text that stands in a configuration as it is."""

    __slots__ = ()


def quoted(text: str) -> str:
    """A text in quotes, nothing of which Terraform takes for a template or an escape."""
    return '"' + "".join(map(_escaped, _TEMPLATE.sub(r"\1\1", text))) + '"'


def _escaped(sign: str) -> str:
    if sign in _SHORT:
        return _SHORT[sign]
    if sign.isprintable():
        return sign
    return f"\\u{ord(sign):04x}" if ord(sign) <= _MOST_IN_FOUR else f"\\U{ord(sign):08x}"


def block(head: str, lines: Iterable[str]) -> Iterator[str]:
    """A block of such lines."""
    yield f"{head} {{"
    yield from (f"{_INDENT}{line}" if line else "" for line in _aligned(lines))
    yield "}"


def attribute(name: str, value: Term) -> Iterator[str]:
    """``name = value``; what holds several values takes a line for each."""
    first, *rest = term(value)
    yield f"{name} = {first}"
    yield from rest


def term(value: Term) -> list[str]:
    """A value, line by line."""
    if isinstance(value, Expression):
        return [value]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, str):
        return [quoted(value)]
    if isinstance(value, list):
        items = [line for item in value for line in _with_comma(term(item))]
        return ["[", *(f"{_INDENT}{line}" for line in items), "]"] if items else ["[]"]
    members = [line for key, item in value.items() for line in attribute(quoted(key), item)]
    lines = [f"{_INDENT}{line}" for line in _aligned(members)]
    return ["{", *lines, "}"] if members else ["{}"]


def _aligned(lines: Iterable[str]) -> Iterator[str]:
    """The lines as terraform fmt has them: neighbours with short values have their = in line."""
    for is_short, run in groupby(lines, lambda line: bool(_SHORT_ATTRIBUTE.fullmatch(line))):
        if not is_short:
            yield from run
            continue
        pairs = [_SHORT_ATTRIBUTE.findall(line)[0] for line in run]
        width = max(len(name) for name, _ in pairs)
        yield from (f"{name:<{width}} = {value}" for name, value in pairs)


def _with_comma(lines: list[str]) -> list[str]:
    return [*lines[:-1], f"{lines[-1]},"]


def comment(text: str) -> str:
    """A line of comment; what could end it is shown as ``?``."""
    return "# " + "".join(sign if sign.isprintable() else "?" for sign in text)


def to_terraform(pools: Sequence[ExportedPool]) -> Export:
    """A configuration of these pools."""
    blocks = [line for each in pools for line in _pool(each)]
    return Export(
        text="\n".join(blocks).strip("\n") + "\n",
        holds_secret=any(each.holds_secret for each in pools),
        notes=tuple(not_carried(pools)),
        steps=tuple(_steps(pools)),
    )


def label(name: str) -> str:
    """A spec's name as Terraform's: identifiers do not begin with a digit."""
    return f"_{name}" if name[0].isdigit() else name


def _pool(each: ExportedPool) -> Iterator[str]:
    own, pool = label(each.name), each.pool
    pool_id = {"IdentityPoolId": Expression(f"{POOL}.{own}.id")}
    yield comment(f"{each.name}, from {each.spec.source.file}")
    yield from _resource(POOL, own, _settings(each), each.pool_id)
    if pool.manages_roles:
        yield from _resource(ROLES, own, _roles(each, pool_id), each.pool_id)
    for provider, tags in (pool.PrincipalTagAttributeMaps or {}).items():
        name = f"{own}-{_tags_label(provider)}"
        fields = {**pool_id, "IdentityProviderName": provider, **tags.model_dump()}
        body = chain(_attributes(fields), _lifecycle(each, Call.PRINCIPAL_TAGS))
        yield from _resource(PRINCIPAL_TAGS, name, body, each.pool_id, f":{provider}")


def _tags_label(provider: str) -> str:
    words = "-".join(_WORD.findall(provider.lower()))[:40].strip("-")
    return f"{words}-{short_hash(provider)}"


def _resource(
    kind: str, name: str, body: Iterable[str], pool_id: str | None, suffix: str = ""
) -> Iterator[str]:
    """A resource and its import block; ``suffix`` is what its id has behind the pool's."""
    yield from block(f"resource {quoted(kind)} {quoted(name)}", body)
    yield ""
    source = {"to": Expression(f"{kind}.{name}"), "id": f"{pool_id or _NO_ID}{suffix}"}
    lines = block("import", _attributes(source))
    yield from lines if pool_id else map(comment, lines)
    yield ""


def _settings(each: ExportedPool) -> Iterator[str]:
    api = pool_as_api(each.pool)
    for name, row in FIELDS.items():
        if row.kind is FieldKind.CLIENTS:
            yield from _blocks(row.terraform, map(_attributes, api[name]))
        elif row.call is Call.POOL:
            yield from [""] if row.kind is FieldKind.TAGS and api[name] else []
            yield from _attributes({name: api.get(name)})
    yield from _lifecycle(each, Call.POOL, *attribute("prevent_destroy", True))


def _attributes(api: Mapping[str, Any]) -> Iterator[str]:
    """Fields of the API by Terraform's names; what is not set is left out."""
    for name, value in api.items():
        if value or value is False:
            yield from attribute(terraform_name(name), value)


def _blocks(head: str, bodies: Iterable[Iterable[str]]) -> Iterator[str]:
    for body in bodies:
        yield ""
        yield from block(head, body)


def _lifecycle(each: ExportedPool, call: Call, *lines: str) -> Iterator[str]:
    fields = each.spec.lifecycle.ignore_changes
    ignored = [FIELDS[field].terraform for field in fields if FIELDS[field].call is call]
    if ignored and call is Call.PRINCIPAL_TAGS:
        ignored.insert(0, "use_defaults")
    if ignored:
        lines = (*lines, f"ignore_changes = [{', '.join(ignored)}]")
    yield from _blocks("lifecycle", [lines] if lines else [])


def _roles(each: ExportedPool, pool_id: Mapping[str, Expression]) -> Iterator[str]:
    yield from _attributes(pool_id)
    yield from attribute("roles", each.pool.Roles or {})
    mappings = (each.pool.RoleMappings or {}).items()
    yield from _blocks("role_mapping", (_mapping(name, mapping) for name, mapping in mappings))
    yield from _lifecycle(each, Call.ROLES)


def _mapping(provider: str, mapping: RoleMapping) -> Iterator[str]:
    yield from _attributes({"IdentityProvider": provider, **mapping.model_dump(exclude={"Rules"})})
    yield from _blocks("mapping_rule", (_attributes(rule.model_dump()) for rule in mapping.Rules))


def _steps(pools: Sequence[ExportedPool]) -> Iterator[str]:
    steps = ["terraform plan: every resource is to be imported, none added or replaced"]
    steps += ["terraform apply, then remove the specs from this repository"]
    if any(each.pool_id is None for each in pools):
        steps.insert(0, f"Write the ids for {_NO_ID} into the import blocks, and uncomment them")
    yield "To take the live pools into a state, without a new one:"
    yield from (f"  {number}. {step}" for number, step in enumerate(steps, start=1))
