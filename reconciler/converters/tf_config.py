"""Specs as a Terraform configuration, with import blocks for the live pools."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from reconciler.converters.export import Export, ExportedPool, any_secret, not_carried
from reconciler.converters.tf_instances import POOL, PRINCIPAL_TAGS, ROLES
from reconciler.model.pool import FIELDS, Pool
from reconciler.model.pool_fields import Call, FieldKind
from reconciler.model.pool_values import Client, PrincipalTagMap, RoleMapping, Rule

# Two signs that begin a template (HCL native syntax specification, "Templates").
_TEMPLATE: Final = re.compile(r"([$%])(?=\{)")
# A value that begins on one line and goes on below it is not aligned.
_SHORT_ATTRIBUTE: Final = re.compile(r'("(?:[^"\\]|\\.)*"|[\w-]+) = (.*[^\[{])')
_INDENT: Final = "  "
_SHORT: Final = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_MOST_IN_FOUR: Final = 0xFFFF
Term: TypeAlias = "str | bool | Expression | list[Term] | Mapping[str, Term]"
_NO_ID: Final = "POOL_ID"
_WORD: Final = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Expression:
    """Text that stands in a configuration as it is."""

    text: str


def quoted(text: str) -> str:
    """A text in quotes, nothing of which Terraform takes for a template or an escape."""
    return '"' + "".join(map(_escaped, _TEMPLATE.sub(r"\1\1", text))) + '"'


def _escaped(sign: str) -> str:
    if sign in _SHORT:
        return _SHORT[sign]
    if sign.isprintable():
        return sign
    return f"\\u{ord(sign):04x}" if ord(sign) <= _MOST_IN_FOUR else f"\\U{ord(sign):08x}"


def block(head: str, lines: Iterator[str]) -> Iterator[str]:
    """A block of such lines."""
    yield f"{head} {{"
    yield from (f"{_INDENT}{line}" if line else "" for line in _aligned(list(lines)))
    yield "}"


def attribute(name: str, value: Term) -> Iterator[str]:
    """``name = value``; what holds several values takes a line for each."""
    first, *rest = term(value)
    yield f"{name} = {first}"
    yield from rest


def term(value: Term) -> list[str]:
    """A value, line by line."""
    if isinstance(value, Expression):
        return [value.text]
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


def _aligned(lines: list[str]) -> list[str]:
    """The lines as terraform fmt has them: neighbours with short values have their = in line."""
    matches = [_SHORT_ATTRIBUTE.fullmatch(line) for line in lines]
    done: list[str] = []
    for line, match in zip(lines, matches, strict=True):
        if match is None:
            done.append(line)
            continue
        width = max(len(each[1]) for each in _neighbours(matches, len(done)))
        done.append(f"{match[1]:<{width}} = {match[2]}")
    return done


def _neighbours(matches: list[re.Match[str] | None], place: int) -> Iterator[re.Match[str]]:
    """The match at a place and those next to it, up to the first line that is none."""
    for steps in (range(place, -1, -1), range(place, len(matches))):
        for step in steps:
            match = matches[step]
            if match is None:
                break
            yield match


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
        holds_secret=any_secret(pools),
        notes=tuple(not_carried(pools)),
        steps=tuple(_steps(pools)),
    )


def label(name: str) -> str:
    """A spec's name as Terraform's: identifiers do not begin with a digit."""
    return f"_{name}" if name[0].isdigit() else name


def _pool(each: ExportedPool) -> Iterator[str]:
    own = label(each.name)
    yield comment(f"{each.name}, from {each.source}")
    yield from _resource(POOL, own, _settings(each))
    yield from _import(f"{POOL}.{own}", each.pool_id)
    if each.sets_roles:
        yield from _resource(ROLES, own, _roles(each, own))
        yield from _import(f"{ROLES}.{own}", each.pool_id)
    for provider, tags in (each.pool.PrincipalTagAttributeMaps or {}).items():
        name = f"{own}-{_tags_label(provider)}"
        yield from _resource(PRINCIPAL_TAGS, name, _principal_tags(each, own, provider, tags))
        whole_id = f"{each.pool_id}:{provider}" if each.pool_id else None
        yield from _import(f"{PRINCIPAL_TAGS}.{name}", whole_id, f"{_NO_ID}:{provider}")


def _tags_label(provider: str) -> str:
    words = "-".join(_WORD.findall(provider.lower()))[:40].strip("-")
    return f"{words}-{hashlib.sha256(provider.encode()).hexdigest()[:6]}"


def _resource(kind: str, name: str, body: Iterator[str]) -> Iterator[str]:
    yield from block(f"resource {quoted(kind)} {quoted(name)}", body)
    yield ""


def _import(address: str, known: str | None, placeholder: str = _NO_ID) -> Iterator[str]:
    lines = block("import", _import_body(address, known or placeholder))
    yield from lines if known else (comment(line) for line in lines)
    yield ""


def _import_body(address: str, known: str) -> Iterator[str]:
    yield from attribute("to", Expression(address))
    yield from attribute("id", known)


def _settings(each: ExportedPool) -> Iterator[str]:
    for name, row in FIELDS.items():
        if row.call is Call.POOL:
            yield from _WRITTEN[row.kind](row.terraform, getattr(each.pool, name))
    yield ""
    yield from block("lifecycle", _lifecycle(each))


def _clients(name: str, clients: Iterable[Client]) -> Iterator[str]:
    for client in clients:
        yield ""
        fields: dict[str, Term] = {
            "provider_name": client.ProviderName,
            "client_id": client.ClientId,
            "server_side_token_check": client.ServerSideTokenCheck,
        }
        yield from block(name, _attributes(fields))


def _if_set(name: str, value: Term, *, gap: bool = False) -> Iterator[str]:
    if value:
        yield from [""] if gap else []
        yield from attribute(name, value)


def _attributes(fields: Mapping[str, Term]) -> Iterator[str]:
    for name, value in fields.items():
        yield from attribute(name, value)


def _lifecycle(each: ExportedPool) -> Iterator[str]:
    yield from attribute("prevent_destroy", True)
    yield from _ignored(each, Call.POOL)


def _ignored(each: ExportedPool, call: Call) -> Iterator[str]:
    rows = (FIELDS[field] for field in each.lifecycle.ignore_changes)
    ignored = [row.terraform for row in rows if row.call is call]
    if ignored:
        yield f"ignore_changes = [{', '.join(ignored)}]"


def _pool_id(own: str) -> Iterator[str]:
    yield from attribute("identity_pool_id", Expression(f"{POOL}.{own}.id"))


def _roles(each: ExportedPool, own: str) -> Iterator[str]:
    pool: Pool = each.pool
    yield from _pool_id(own)
    yield from attribute("roles", dict(pool.Roles or {}))
    for provider, mapping in (pool.RoleMappings or {}).items():
        yield ""
        yield from block("role_mapping", _mapping(provider, mapping))
    ignored = list(_ignored(each, Call.ROLES))
    if ignored:
        yield ""
        yield from block("lifecycle", iter(ignored))


def _mapping(provider: str, mapping: RoleMapping) -> Iterator[str]:
    yield from attribute("identity_provider", provider)
    yield from attribute("type", mapping.Type)
    yield from _if_set("ambiguous_role_resolution", mapping.AmbiguousRoleResolution)
    for rule in mapping.Rules:
        yield ""
        yield from block("mapping_rule", _rule(rule))


def _rule(rule: Rule) -> Iterator[str]:
    return _attributes(
        {
            "claim": rule.Claim,
            "match_type": rule.MatchType,
            "value": rule.Value,
            "role_arn": rule.RoleARN,
        }
    )


def _principal_tags(
    each: ExportedPool, own: str, provider: str, tags: PrincipalTagMap
) -> Iterator[str]:
    yield from _pool_id(own)
    yield from attribute("identity_provider_name", provider)
    yield from attribute("use_defaults", tags.UseDefaults)
    yield from _if_set("principal_tags", dict(tags.PrincipalTags))
    if "PrincipalTagAttributeMaps" in each.lifecycle.ignore_changes:
        yield ""
        yield from block("lifecycle", iter(["ignore_changes = [use_defaults, principal_tags]"]))


def _steps(pools: Sequence[ExportedPool]) -> Iterator[str]:
    steps = ["terraform plan: every resource is to be imported, none added or replaced"]
    steps += ["terraform apply, then remove the specs from this repository"]
    if any(each.pool_id is None for each in pools):
        steps.insert(0, f"Write the ids for {_NO_ID} into the import blocks, and uncomment them")
    yield "To take the live pools into a state, without a new one:"
    yield from (f"  {number}. {step}" for number, step in enumerate(steps, start=1))


_WRITTEN: Final[Mapping[FieldKind, Callable[[str, Any], Iterator[str]]]] = {
    FieldKind.TEXT: _if_set,
    FieldKind.FLAG: attribute,
    FieldKind.CLASSIC_FLOW: attribute,
    FieldKind.LOGINS: lambda name, logins: _if_set(name, dict(logins)),
    FieldKind.SET: lambda name, members: _if_set(name, list(members)),
    FieldKind.CLIENTS: _clients,
    FieldKind.TAGS: lambda name, tags: _if_set(name, dict(tags), gap=True),
}
