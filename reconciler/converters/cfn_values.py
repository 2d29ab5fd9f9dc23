"""What a template's parameters, conditions and attributes are, as far as it lets one know."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from reconciler.converters.conversion import ConversionRule, Report, Supplied
from reconciler.converters.nodes import NOTHING, Node, walk
from reconciler.model.errors import UsageProblem
from reconciler.model.findings import Finding
from reconciler.model.partitions import partition_of
from reconciler.text.problems import FieldPath, clean, may_hold_secret, named

_LIST_TYPES: Final = re.compile(r"CommaDelimitedList|List<.*>")
_SSM: Final = "AWS::SSM::Parameter::Value<"
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
        if text is None and name.startswith(_PSEUDO):
            return self._derived(name)
        if text is None:
            text = self._default(name)
        if text is not None and _LIST_TYPES.search(self._type(name)):
            return tuple(part.strip() for part in text.split(","))
        return text

    def _type(self, name: str) -> str:
        return self._declared.get(name, Node(None)).get("Type").text or "String"

    def _default(self, name: str) -> str | None:
        if self._type(name).startswith(_SSM):
            return None  # its default is the name of what holds the value
        default = self._declared.get(name, Node(None)).get("Default")
        if default.text is not None and name not in self.defaults_used:
            self.defaults_used[name] = None
            self._note(self._declared[name], ("Parameters", name))
            self._note(default, ("Parameters", name, "Default"))
        return default.text

    def _derived(self, name: str) -> str | None:
        partition = partition_of(self._given.region)
        if name == "AWS::Partition":
            return partition.name
        if name == "AWS::URLSuffix":
            return partition.suffix
        return None


@dataclass(frozen=True, slots=True)
class _Answer:
    """Whether a condition holds; if nobody can know, why."""

    holds: bool | None
    causes: tuple[Finding, ...] = ()


class Conditions:
    """The conditions of one template; each is worked out once, when it is first asked for.

    What a condition asks for is worked out before it, so a row of conditions of any length takes
    no deeper stack than one.  ``note`` is told of each condition that is used.
    """

    def __init__(
        self,
        conditions: Node,
        value: Callable[[Node, FieldPath], Node],
        report: Callable[[], Report],
        note: Callable[[Node, FieldPath], None],
    ) -> None:
        self._conditions = conditions.members
        self._value = value
        self._report = report
        self._note = note
        self._answers: dict[str, _Answer] = {}
        self._is_working = False

    def hold(self, name: str, place: Node) -> bool | None:
        """Whether a condition holds; ``None`` (and findings) where nobody can know."""
        if name not in self._answers and name in self._conditions and not self._is_working:
            self._work_out(name)
        answer = self._answers.get(name)
        if answer is None:  # there is none, or it asks for itself
            shown = named(name) if may_hold_secret(place.path) else clean(name)
            message = f"there is no condition {shown!r} that could be worked out"
            self._report().error(ConversionRule.UNRESOLVED, place, message, "check the template")
            return None
        if answer.holds is None:
            self._report().findings += answer.causes
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
        for path, node in walk(self._conditions[name]):
            function = path[-1] if path else ""
            asked = node.items[0] if function == "Fn::If" and node.items else node
            inner = asked.text if function in ("Condition", "Fn::If") else None
            if inner is not None and inner in self._conditions and inner not in self._answers:
                yield inner

    def _answer(self, name: str) -> _Answer:
        path = ("Conditions", name)
        self._note(self._conditions[name], path)
        findings = self._report().findings
        before = len(findings)
        holds = self._test(self._conditions[name], path)
        causes = dict.fromkeys(findings[before:])
        # Where it is known, what was unknown on the way did not matter.
        del findings[before:]
        return _Answer(holds, () if holds is not None else tuple(causes)[:MOST_CAUSES])

    def _test(self, node: Node, path: FieldPath) -> bool | None:
        function, argument = next(iter(node.members.items()), ("", NOTHING))
        here = (*path, function)
        if function == "Condition":
            self._note(argument, here)
            return self.hold(argument.text or "", node.holding(None, path))
        if function == "Fn::Equals":
            return self._equal(argument, here)
        tests = [self._test(item, here) for item in argument.items]
        if function in _COMBINED and tests:
            return _COMBINED[function](tests)
        message = f"{clean(function) or 'this'} is no condition that could be worked out"
        self._report().error(
            ConversionRule.UNRESOLVED, node.holding(None, path), message, "check the template"
        )
        return None

    def _equal(self, argument: Node, path: FieldPath) -> bool | None:
        before = len(self._report().findings)
        texts = [self._value(item, (*path, i)).text for i, item in enumerate(argument.items)]
        if len(self._report().findings) > before or len(texts) != len(("left", "right")):
            return None
        return texts[0] == texts[1]


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
    if (kind, name) in _SAME_AS_REF:
        name = REF if given.value(f"{logical_id}.{name}") is None else name
    known = given.value(f"{logical_id}.{name}" if name else logical_id)
    if known is not None:
        return known
    if name == REF and (same := _by_its_other_name(kind, logical_id, given)) is not None:
        return same
    derive = _DERIVED.get((kind, name))
    return derive(logical_id, given, look) if derive else None


def _by_its_other_name(kind: str, logical_id: str, given: Supplied) -> str | None:
    names = [name for of, name in _SAME_AS_REF if of == kind]
    values = (given.value(f"{logical_id}.{name}") for name in names)
    return next((value for value in values if value is not None), None)


def _role_arn(_logical_id: str, given: Supplied, look: Look) -> str | None:
    name, path = look("RoleName"), look("Path") or "/"
    return _iam(given, f"role{path}{name}") if name else None


def _role_name(_logical_id: str, _given: Supplied, look: Look) -> str | None:
    return look("RoleName")


def _oidc_arn(_logical_id: str, given: Supplied, look: Look) -> str | None:
    url = look("Url")
    return _iam(given, f"oidc-provider/{_SCHEME.sub('', url, count=1)}") if url else None


def _saml_arn(_logical_id: str, given: Supplied, look: Look) -> str | None:
    name = look("Name")
    return _iam(given, f"saml-provider/{name}") if name else None


def _iam(given: Supplied, what: str) -> str | None:
    if not given.account:
        return None
    return f"arn:{partition_of(given.region).name}:iam::{given.account}:{what}"


def _provider_name(logical_id: str, given: Supplied, _look: Look) -> str | None:
    user_pool = given.value(logical_id) or given.value(f"{logical_id}.UserPoolId") or ""
    match = _USER_POOL.fullmatch(user_pool)
    if not match:
        return None
    return f"cognito-idp.{match[1]}.{partition_of(match[1]).suffix}/{user_pool}"


def _provider_url(logical_id: str, given: Supplied, look: Look) -> str | None:
    name = _provider_name(logical_id, given, look)
    return f"https://{name}" if name else None


_DERIVED: Final[dict[tuple[str, str], Callable[[str, Supplied, Look], str | None]]] = {
    ("AWS::IAM::Role", "Arn"): _role_arn,
    ("AWS::IAM::Role", REF): _role_name,
    ("AWS::IAM::OIDCProvider", REF): _oidc_arn,
    ("AWS::IAM::SAMLProvider", REF): _saml_arn,
    ("AWS::Cognito::UserPool", "ProviderName"): _provider_name,
    ("AWS::Cognito::UserPool", "ProviderURL"): _provider_url,
}
