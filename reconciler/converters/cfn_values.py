"""What a template's parameters, conditions and attributes are, as far as it lets one know."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from reconciler.converters.conversion import ConversionRule, Report, Supplied
from reconciler.converters.nodes import NOTHING, Node, walk
from reconciler.converters.pseudo_parameters import Kept, differing
from reconciler.model.errors import UsageProblem
from reconciler.model.findings import Finding
from reconciler.model.partitions import partition_of
from reconciler.text.problems import FieldPath, clean, may_hold_secret, named

_LIST_TYPES: Final = re.compile(r"CommaDelimitedList|List<.*>")
_SSM: Final = "AWS::SSM::Parameter::Value<"
_REGION: Final = "AWS::Region"
_PSEUDO: Final = "AWS::"
# Of what keeps one condition from being known.  Conditions of conditions pass it on, so without a
# bound a template of a megabyte would make gigabytes of it.
MOST_CAUSES: Final = 50
# Looks a property of the resource up: its text, or None.
Look: TypeAlias = Callable[[str], str | None]
REF: Final = ""  # Ref, as if it were an attribute
_SCHEME: Final = re.compile(r"https?://")
_USER_POOL: Final = re.compile(r"([a-z]{2,}(?:-[a-z]+)+-[0-9]+)_[A-Za-z0-9]+")
# Attributes that are the same as what Ref gives.
_SAME_AS_REF: Final = frozenset(
    [
        ("AWS::Cognito::UserPool", "UserPoolId"),
        ("AWS::Cognito::UserPoolClient", "ClientId"),
        ("AWS::IAM::OIDCProvider", "Arn"),
        ("AWS::IAM::SAMLProvider", "Arn"),
        ("AWS::Cognito::IdentityPool", "Id"),
    ]
)


class Parameters:
    """A template's parameters, its pseudo parameters among them.

    ``note`` is told of each default that is used.
    """

    def __init__(
        self, template: Node, given: Supplied, note: Callable[[Node, FieldPath], None]
    ) -> None:
        self._declared = template.get("Parameters").members
        self._given = given
        self._note = note
        self.defaults_used: dict[str, None] = {}  # in the order of their use
        unknown = [n for n in given.parameters if n not in self and not n.startswith(_PSEUDO)]
        if unknown:
            raise UsageProblem(
                f"the template has no parameter {clean(unknown[0])!r}",
                hint="check the spelling of --parameter; for other values there is --set",
            )

    def __contains__(self, name: str) -> bool:
        return name in self._declared

    def value(self, name: str) -> str | tuple[str, ...] | None:
        """A parameter's value, given or by default; ``None`` where nobody can know."""
        text = self._given.parameters.get(name)
        if text is None:
            text = (
                pseudo_parameter(name, self._given)
                if name.startswith(_PSEUDO)
                else self._default(name)
            )
        if text is not None and _LIST_TYPES.search(self._type(name)):
            return tuple(part.strip() for part in text.split(","))
        return text

    def _type(self, name: str) -> str:
        return self._declared.get(name, NOTHING).get("Type").text or "String"

    def _default(self, name: str) -> str | None:
        if self._type(name).startswith(_SSM):
            return None  # its default is the name of what holds the value
        default = self._declared.get(name, NOTHING).get("Default")
        if default.text is not None and name not in self.defaults_used:
            self.defaults_used[name] = None
            self._note(self._declared[name], ("Parameters", name))
            self._note(default, ("Parameters", name, "Default"))
        return default.text


def pseudo_parameter(name: str, given: Supplied) -> str | None:
    """A pseudo parameter: as it is given, else as the region makes it, else what stands for it."""
    if (text := _given(name, given)) is not None:
        return text
    region = _given(_REGION, given)
    sign = given.kept.sign(name)
    if sign is not None and region is None:
        return sign
    partition = partition_of(region)
    derived = {"AWS::Partition": partition.name, "AWS::URLSuffix": partition.suffix}
    return derived.get(name, sign)


def _given(name: str, given: Supplied) -> str | None:
    text = given.parameters.get(name)
    return given.value(name) if text is None else text


class _Answer(NamedTuple):
    """Whether a condition holds; if nobody can know, why."""

    holds: bool | None
    causes: tuple[Finding, ...] = ()


@dataclass(slots=True)
class Conditions:
    """The conditions of one template; each is worked out once, when it is first asked for.

    What a condition asks for is worked out before it, so a row of conditions of any length takes
    no deeper stack than one.  ``note`` is told of each condition that is used, and ``kept``
    has what a text is in each target.
    """

    conditions: Mapping[str, Node]
    value: Callable[[Node, FieldPath], Node]
    report: Callable[[], Report]
    note: Callable[[Node, FieldPath], None]
    kept: Kept
    _answers: dict[str, _Answer] = field(default_factory=dict)
    _is_working: bool = False

    def hold(self, name: str, place: Node) -> bool | None:
        """Whether a condition holds; ``None`` (and findings) where nobody can know."""
        if name not in self._answers and name in self.conditions and not self._is_working:
            self._work_out(name)
        answer = self._answers.get(name)
        if answer is None:  # there is none, or it asks for itself
            shown = named(name) if may_hold_secret(place.path) else clean(name)
            message = f"there is no condition {shown!r} that could be worked out"
            self.report().error(ConversionRule.UNRESOLVED, place, message, "check the template")
            return None
        if answer.holds is None:
            self.report().findings += answer.causes
        return answer.holds

    def _work_out(self, name: str) -> None:
        self._is_working = True
        try:
            for each in self._in_order(name):
                self._answers[each] = self._answer(each)
        finally:
            self._is_working = False

    def _in_order(self, name: str) -> Iterator[str]:
        """A condition after those that it asks for, as far as they have no answer yet."""
        entered = {name}
        waiting = [(name, self._asked_by(name))]
        while waiting:
            here, asked = waiting[-1]
            inner = next((each for each in asked if each not in entered), None)
            if inner is None:
                waiting.pop()
                yield here
            else:
                entered.add(inner)
                waiting.append((inner, self._asked_by(inner)))

    def _asked_by(self, name: str) -> Iterator[str]:
        for path, node in walk(self.conditions[name]):
            function = path[-1] if path else ""
            asked = node.items[0] if function == "Fn::If" and node.items else node
            inner = asked.text if function in ("Condition", "Fn::If") else None
            if inner is not None and inner in self.conditions and inner not in self._answers:
                yield inner

    def _answer(self, name: str) -> _Answer:
        path = ("Conditions", name)
        self.note(self.conditions[name], path)
        findings = self.report().findings
        before = len(findings)
        holds = self._test(self.conditions[name], path)
        causes = dict.fromkeys(findings[before:])
        # Where it is known, what was unknown on the way did not matter.
        del findings[before:]
        return _Answer(holds, () if holds is not None else tuple(causes)[:MOST_CAUSES])

    def _test(self, node: Node, path: FieldPath) -> bool | None:
        function, argument = next(iter(node.members.items()), ("", NOTHING))
        here = (*path, function)
        if function == "Condition":
            self.note(argument, here)
            return self.hold(argument.text or "", node.holding(None, path))
        if function == "Fn::Equals":
            return self._equal(argument, here)
        tests = [self._test(item, here) for item in argument.items]
        if function in _COMBINED and tests:
            return _COMBINED[function](tests)
        message = f"{clean(function) or 'this'} is no condition that could be worked out"
        self.report().error(
            ConversionRule.UNRESOLVED, node.holding(None, path), message, "check the template"
        )
        return None

    def _equal(self, argument: Node, path: FieldPath) -> bool | None:
        before = len(self.report().findings)
        texts = [self.value(item, (*path, i)).text for i, item in enumerate(argument.items)]
        if len(self.report().findings) > before or len(texts) != len(("left", "right")):
            return None
        left, right = ("" if text is None else text for text in texts)
        if None in texts or left == right:
            return texts[0] == texts[1]
        pairs = zip(self.kept.values(left), self.kept.values(right), strict=True)
        answers = {one == other for one, other in pairs}
        if len(answers) > 1:
            place = argument.holding(None, path)
            self.report().error(ConversionRule.UNRESOLVED, place, *differing(left + right))
            return None
        return answers.pop()


def _and(tests: list[bool | None]) -> bool | None:
    return False if False in tests else (None if None in tests else True)


def _or(tests: list[bool | None]) -> bool | None:
    return True if True in tests else (None if None in tests else False)


def _not(tests: list[bool | None]) -> bool | None:
    return None if tests[0] is None else not tests[0]


_COMBINED: Final = {"Fn::And": _and, "Fn::Or": _or, "Fn::Not": _not}


def attribute(
    logical_id: str, resource: Node, name: str, given: Supplied, look: Look
) -> str | None:
    """An attribute of a resource (``REF``: what Ref gives); ``None`` where nobody can know."""
    kind = resource.get("Type").text or ""
    others = [other for of, other in _SAME_AS_REF if of == kind]
    names = [name]
    if name == REF or name in others:
        names, name = [name, REF, *others], REF
    values = (given.value(f"{logical_id}.{each}" if each else logical_id) for each in names)
    known = next((value for value in values if value is not None), None)
    return _derived(kind, logical_id, name, given, look) if known is None else known


def _derived(kind: str, logical_id: str, name: str, given: Supplied, look: Look) -> str | None:
    match kind, name:
        case "AWS::IAM::Role", "" | "Arn":
            role = look("RoleName")
            return _iam(given, f"role{look('Path') or '/'}", role) if name else role
        case "AWS::IAM::OIDCProvider", "":
            return _iam(given, "oidc-provider/", _SCHEME.sub("", look("Url") or "", count=1))
        case "AWS::IAM::SAMLProvider", "":
            return _iam(given, "saml-provider/", look("Name"))
        case "AWS::Cognito::UserPool", "ProviderName":
            return _provider(logical_id, given)
        case "AWS::Cognito::UserPool", "ProviderURL":
            return _provider(logical_id, given, "https://")
    return None


def _iam(given: Supplied, path: str, name: str | None) -> str | None:
    account = pseudo_parameter("AWS::AccountId", given)
    if not name or not account:
        return None
    return f"arn:{pseudo_parameter('AWS::Partition', given)}:iam::{account}:{path}{name}"


def _provider(logical_id: str, given: Supplied, scheme: str = "") -> str | None:
    user_pool = given.value(logical_id) or given.value(f"{logical_id}.UserPoolId") or ""
    match = _USER_POOL.fullmatch(user_pool)
    if not match:
        return None
    return f"{scheme}cognito-idp.{match[1]}.{partition_of(match[1]).suffix}/{user_pool}"
