"""Working out CloudFormation's functions, as far as a template and its reader's values go."""

import re
from base64 import b64encode
from functools import partial
from typing import Final

from reconciler.converters.cfn_sources import PROCESSED
from reconciler.converters.cfn_values import REF, Conditions, Parameters, attribute
from reconciler.converters.conversion import ConversionRule, Report, Supplied
from reconciler.converters.nodes import Node, plain
from reconciler.converters.pseudo_parameters import OPTIONS, differing, is_writable
from reconciler.model.base import canonical_json
from reconciler.text.problems import FieldPath, clean, may_hold_secret, named

# A marker that no value of a template is: AWS::NoValue, or what could not be worked out.
ABSENT: Final = Node(None)

MAX_STEPS: Final = 200_000
MAX_DEPTH: Final = 81
MAX_TEXT: Final = 64 * 1024
_NO_VALUE: Final = "AWS::NoValue"
_MACRO: Final = "Fn::Transform"
_REFERENCE: Final = re.compile(r"\$\{(!?)([^}]*)\}")
# What the value of a pseudo parameter may hold.
_MAY_BE_WITHIN: Final = re.compile(r"[a-z0-9.-]+")
_DYNAMIC: Final = re.compile(r"\{\{(resolve:[^}]+)\}\}")


class _Unknown(Exception):
    """A value cannot be worked out; the report says why."""


class Resolver:
    """Turns values of one template into what they stand for.

    What cannot be worked out goes into ``report``, with the place and the way out, and is
    ``ABSENT``.  ``own`` are names that stand for themselves, such as the template's pools.
    ``readings`` gets a warning for each scalar on the way that CloudFormation reads otherwise than
    it is written.
    """

    def __init__(self, template: Node, given: Supplied, report: Report) -> None:
        self.report = self.readings = report
        self.given = given
        self.parameters = Parameters(template, given, self.note)
        conditions = template.get("Conditions").members
        self.conditions = Conditions(
            conditions, self.value, lambda: self.report, self.note, given.kept
        )
        self.own: dict[str, str] = {}
        self._resources = template.get("Resources").members
        self._mappings = template.get("Mappings")
        self._looked_up: dict[str, str | None] = {}
        self._noted: set[tuple[int, int, str]] = set()
        self._steps = 0
        self._depth = 0

    def note(self, node: Node, path: FieldPath) -> None:
        """Warn where CloudFormation reads a scalar, or the key before it, in a way of its own."""
        if not node.written and not node.key_written:
            return
        mark = (node.line, node.column, node.written)
        if mark not in self._noted:
            self._noted.add(mark)
            self._warn(node, path)

    def _warn(self, node: Node, path: FieldPath) -> None:
        place = node.holding(None, path)
        is_hidden = may_hold_secret(path)
        if node.key_written:
            key = "a key" if is_hidden else f"the key {clean(node.key_written)}"
            what = f"CloudFormation reads {key} by YAML 1.1 as {clean(str(path[-1]))}, and takes "
            what = "a key that CloudFormation refuses" if is_hidden else f"{what}only text as a key"
            self.readings.warning(ConversionRule.READ_AS, place, what, "put it in quotes")
        if node.written:
            written, text = clean(node.written), node.text or ""
            what = f"CloudFormation reads {written} by YAML 1.1 as {text}, and so does this"
            if is_hidden:
                what = "CloudFormation reads YAML 1.1, and sees another value than stands here"
            fix = "put it in quotes if the text is meant; a deploy then changes the pool"
            self.readings.warning(ConversionRule.READ_AS, place, what, fix)

    def value(self, node: Node, path: FieldPath) -> Node:
        """What a value stands for, with its path; ``ABSENT`` for nothing."""
        self._steps += 1
        self._depth += 1
        try:
            return self._value(node, path)
        except _Unknown:
            return ABSENT
        finally:
            self._depth -= 1

    def _value(self, node: Node, path: FieldPath) -> Node:
        if self._steps > MAX_STEPS or self._depth > MAX_DEPTH:
            raise self._unknown(node, path, "this takes too long to work out", "write it out")
        self.note(node, path)
        if isinstance(node.value, dict):
            return self._mapping(node, path)
        if isinstance(node.value, tuple):
            parts = (self.value(item, (*path, i)) for i, item in enumerate(node.value))
            return node.holding(tuple(part for part in parts if part is not ABSENT), path)
        if isinstance(node.value, str):
            return self._literal(node, node.value, path)
        return node.holding(node.value, path)

    def text(self, node: Node, path: FieldPath) -> str | None:
        """What a value stands for, if that is a text."""
        found = self.value(node, path)
        if found is not ABSENT and found.text is None:
            self._unknown(node, path, "here should be a text", "write the text itself")
        return found.text

    def _texts(self, path: FieldPath, *nodes: Node) -> list[str]:
        """What values stand for, if all of them are texts."""
        texts = [self.text(node, path) for node in nodes]
        if None in texts:
            raise _Unknown
        return [text for text in texts if text is not None]

    def _mapping(self, node: Node, path: FieldPath) -> Node:
        name, argument = next(iter(node.members.items()), ("", node))
        if _MACRO in node.members:
            name = _MACRO
        elif len(node.members) != 1 or not (name == "Ref" or name.startswith("Fn::")):
            parts = {key: self.value(member, (*path, key)) for key, member in node.members.items()}
            return node.holding({k: v for k, v in parts.items() if v is not ABSENT}, path)
        if name in self._functions:
            return self._functions[name](self, node, argument, path)
        what = f"{_name(name, path)} is worked out while the stack is deployed"
        raise self._unknown(node, path, what, PROCESSED)

    def _literal(self, node: Node, text: str, path: FieldPath) -> Node:
        """A text, with the references that CloudFormation resolves while it deploys."""
        if len(text) > MAX_TEXT:
            raise self._unknown(node, path, "the text becomes too long", "write it out")
        if not is_writable(text):
            text = self._settled(node, text, path)
        text = _DYNAMIC.sub(lambda match: self._settled(node, match[0], path), text)
        names = _DYNAMIC.findall(text)
        lacking = [name for name in names if self.given.value(name) is None]
        if lacking:
            what = f"{{{{{clean(lacking[0])}}}}} is read while the stack is deployed"
            raise self._unknown(node, path, what, _by_set(lacking[0]))
        known = _DYNAMIC.sub(lambda match: self.given.value(match[1]) or "", text)
        return node.holding(known, path)

    def _ref(self, node: Node, argument: Node, path: FieldPath) -> Node:
        self.note(argument, path)
        name = argument.text or ""
        return ABSENT if name == _NO_VALUE else self._named(node, name, path)

    def _named(self, node: Node, name: str, path: FieldPath) -> Node:
        if name in self.own:
            return node.holding(self.own[name], path)
        if name in self._resources:
            return self._attribute(node, name, REF, path)
        known = self.parameters.value(name)
        if isinstance(known, tuple):
            return node.holding(tuple(node.holding(part) for part in known), path)
        if known is None:
            return self._by_value(node, name, path)
        return self._literal(node, known, path)

    def _by_value(self, node: Node, name: str, path: FieldPath) -> Node:
        """What neither a resource nor a parameter's value stands behind."""
        if (value := self.given.value(name)) is not None:
            return node.holding(value, path)
        shown = _name(name, path)
        what = f"there is neither a resource nor a parameter {shown!r}"
        option = f"--set {shown}=VALUE"
        if name in self.parameters or name.startswith("AWS::"):
            what = f"the parameter {clean(name)} has no value here"
            option = OPTIONS.get(name, f"--parameter {clean(name)}=VALUE")
        raise self._unknown(node, path, what, f"give it with {option}")

    def _get_att(self, node: Node, argument: Node, path: FieldPath) -> Node:
        if argument.items:
            dotted = ".".join(self._texts(path, *argument.items))
        else:
            self.note(argument, path)
            dotted = argument.text or ""
        logical_id, _, name = dotted.partition(".")
        return self._attribute(node, logical_id, name, path)

    def _attribute(self, node: Node, logical_id: str, name: str, path: FieldPath) -> Node:
        if logical_id in self.own and name in ("", "Id"):
            return node.holding(self.own[logical_id], path)
        resource = self._resources.get(logical_id, ABSENT)
        look = partial(self._member, logical_id)
        known = attribute(logical_id, resource, name, self.given, look)
        if known is not None:
            return node.holding(known, path)
        full = _name(f"{logical_id}.{name}" if name else logical_id, path)
        what = f"{full} is known only once the stack is deployed"
        if logical_id not in self._resources:
            what = f"there is no resource {_name(logical_id, path)!r}"
        raise self._unknown(node, path, what, _by_set(full))

    def _member(self, logical_id: str, key: str) -> str | None:
        """A property of another resource; that it is not known is no problem in itself."""
        place = f"{logical_id}.{key}"
        if place not in self._looked_up:
            self._looked_up[place] = None  # while it is worked out, for it may lead back here
            report, self.report = self.report, self.report.below()
            path = ("Resources", logical_id, "Properties", key)
            self._looked_up[place] = self.text(self._resources[logical_id].get(*path[2:]), path)
            self.report = report
        return self._looked_up[place]

    def _sub(self, node: Node, argument: Node, path: FieldPath) -> Node:
        template, variables = (*(argument.items or [argument]), ABSENT)[:2]
        if template.text is None:
            raise self._unknown(node, path, "Fn::Sub takes a text", "write the text itself")
        # Where one is unknown, whether the others are known is worth saying at once.
        found = _REFERENCE.finditer(template.text)
        texts = [self._variable(node, match, variables, path) for match in found]
        if None in texts:
            raise _Unknown
        known = iter(texts)
        return self._literal(node, _REFERENCE.sub(lambda _: next(known) or "", template.text), path)

    def _variable(
        self, node: Node, match: re.Match[str], variables: Node, path: FieldPath
    ) -> str | None:
        name = match[2].strip()
        if match[1]:
            return f"${{{name}}}"
        if name in variables.members:
            return self.text(variables.members[name], (*path, name))
        logical_id, dot, rest = name.partition(".")
        try:
            if dot:
                return self._attribute(node, logical_id, rest, path).text
            return self._named(node, name, path).text
        except _Unknown:
            return None

    def _join(self, node: Node, argument: Node, path: FieldPath) -> Node:
        separator, parts = (*argument.items, ABSENT, ABSENT)[:2]
        found = self._whole(parts, (*path, 1))
        texts = [part.text for part in found.items]
        if separator.text is None or found is ABSENT or None in texts:
            raise self._unknown(node, path, "Fn::Join takes a text and texts", "write it out")
        return self._literal(node, separator.text.join(t for t in texts if t is not None), path)

    def _split(self, node: Node, argument: Node, path: FieldPath) -> Node:
        separator, whole = (*argument.items, ABSENT, ABSENT)[:2]
        (text,) = self._texts((*path, 1), whole)
        if not separator.text:
            raise self._unknown(node, path, "Fn::Split takes a text to split at", "add it")
        if _MAY_BE_WITHIN.fullmatch(separator.text):
            text = self._settled(node, text, path)
        return node.holding(tuple(node.holding(p) for p in text.split(separator.text)), path)

    def _select(self, node: Node, argument: Node, path: FieldPath) -> Node:
        index, parts = (*argument.items, ABSENT, ABSENT)[:2]
        number, found = self.text(index, (*path, 0)), self.value(parts, (*path, 1))
        if number is None or found is ABSENT:
            raise _Unknown
        if not number.isascii() or not number.isdigit() or int(number[:9]) >= len(found.items):
            raise self._unknown(node, path, "Fn::Select finds nothing there", "write the value")
        chosen = found.items[int(number[:9])]
        return chosen.holding(chosen.value, path)

    def _if(self, node: Node, argument: Node, path: FieldPath) -> Node:
        name, yes, no = (*argument.items, ABSENT, ABSENT, ABSENT)[:3]
        if len(argument.items) != len((name, yes, no)):
            raise self._unknown(node, path, "Fn::If takes a condition and two values", "add them")
        self.note(name, path)
        holds = self.conditions.hold(name.text or "", node.holding(None, path))
        if holds is None:
            raise _Unknown
        return self.value(yes if holds else no, path)

    def _find_in_map(self, node: Node, argument: Node, path: FieldPath) -> Node:
        keys = [self._settled(node, key, path) for key in self._texts(path, *argument.items[:3])]
        found = self._mappings
        place: FieldPath = ("Mappings",)
        for key in keys:
            found, place = found.get(key), (*place, key)
            self.note(found, place)
        if found.value is not None:
            return self.value(found.holding(found.value), path)
        default = (*argument.items, ABSENT, ABSENT, ABSENT, ABSENT)[3].get("DefaultValue")
        if default.value is None:
            raise self._unknown(node, path, "the mapping has no such entry", "add it")
        return self.value(default, path)

    def _base64(self, node: Node, argument: Node, path: FieldPath) -> Node:
        (text,) = self._texts(path, argument)
        settled = self._settled(node, text, path)
        return node.holding(b64encode(settled.encode()).decode(), path)

    def _to_json(self, node: Node, argument: Node, path: FieldPath) -> Node:
        return node.holding(canonical_json(plain(self._whole(argument, path))), path)

    def _import_value(self, node: Node, argument: Node, path: FieldPath) -> Node:
        (text,) = self._texts(path, argument)
        name = self._settled(node, text, path)
        value = self.given.value(f"ImportValue:{name}")
        if value is None:
            what = f"{clean(name)} is exported by another stack"
            raise self._unknown(node, path, what, _by_set(f"ImportValue:{name}"))
        return node.holding(value, path)

    def _whole(self, node: Node, path: FieldPath) -> Node:
        """What a value stands for, no part of which may be unknown."""
        before = len(self.report.findings)
        found = self.value(node, path)
        if len(self.report.findings) > before:
            raise _Unknown
        return found

    def _settled(self, node: Node, text: str, path: FieldPath) -> str:
        """A text with the values of pseudo parameters, which all targets have to have in common."""
        settled = self.given.kept.settled(text)
        if settled is None:
            raise self._unknown(node, path, *differing(text))
        return settled

    def _unknown(self, node: Node, path: FieldPath, what: str, fix: str) -> _Unknown:
        """Report it; to be raised where nothing of the value is known."""
        self.report.error(ConversionRule.UNRESOLVED, node.holding(None, path), what, fix)
        return _Unknown()

    _functions: Final = {
        "Ref": _ref,
        "Fn::GetAtt": _get_att,
        "Fn::Sub": _sub,
        "Fn::Join": _join,
        "Fn::Split": _split,
        "Fn::Select": _select,
        "Fn::If": _if,
        "Fn::FindInMap": _find_in_map,
        "Fn::Base64": _base64,
        "Fn::ToJsonString": _to_json,
        "Fn::ImportValue": _import_value,
    }


def _name(name: str, path: FieldPath) -> str:
    """What a function names, as a message may show it."""
    return named(name) if may_hold_secret(path) else clean(name)


def _by_set(name: str) -> str:
    return f"give it with --set {clean(name)}=VALUE"
