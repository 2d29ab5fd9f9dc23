"""Policies and waivers of a project file: what of them is wrong, and what they say.

Their expressions are texts here: whoever asks them (``checks/policies.py``) says what CEL makes of
them, and no other command loads CEL.
"""

from collections.abc import Iterator
from datetime import date

from reconciler.model.findings import CHECK_RULES, RuleId
from reconciler.model.policies import Expression, Policy, PolicyTest, Waiver
from reconciler.model.written import PolicyData, PolicyTestData, ProjectData, WaiverData
from reconciler.text.documents import Document
from reconciler.text.problems import FieldPath, Problem, did_you_mean, quoted


def policy_problems(data: ProjectData) -> Iterator[Problem]:
    """What is wrong with policies and waivers besides their shape."""
    first: dict[str, int] = {}
    for index, policy in enumerate(data.get("policies", ())):
        path, name = ("policies", index, "id"), quoted(policy["id"])
        if policy["id"] in {rule.value for rule in RuleId}:
            yield Problem.of(path, RuleId.POLICY_ID, "built-in", name=name)
        elif first.setdefault(policy["id"], index) != index:
            place = f"policies[{first[policy['id']]}]"
            yield Problem.of(path, RuleId.POLICY_ID, "twice", name=name, place=place)
        if "blocks" in policy and policy["severity"] != "error":
            severity = policy["severity"]
            blocks = ("policies", index, "blocks")
            yield Problem.of(blocks, RuleId.POLICY_BLOCKS, severity=severity)
    known = [*first, *sorted(CHECK_RULES)]
    for index, waiver in enumerate(data.get("waivers", ())):
        if waiver["rule"] not in known:
            name, guess = quoted(waiver["rule"]), did_you_mean(waiver["rule"], known)
            yield Problem.of(("waivers", index, "rule"), RuleId.UNKNOWN_RULE, fix=guess, name=name)


def policies_of(document: Document, data: ProjectData) -> tuple[Policy, ...]:
    """The policies of a valid project file, with their places."""
    return tuple(
        _policy(document, each, ("policies", index))
        for index, each in enumerate(data.get("policies", ()))
    )


def waivers_of(document: Document, data: ProjectData) -> tuple[Waiver, ...]:
    """The waivers of a valid project file, with their places."""
    return tuple(
        _waiver(document, each, ("waivers", index))
        for index, each in enumerate(data.get("waivers", ()))
    )


def _policy(document: Document, data: PolicyData, path: FieldPath) -> Policy:
    line, column = document.places((*path, "id")).value
    return Policy(
        id=data["id"],
        severity=data["severity"],
        asserts=_expression(document, data["assert"], (*path, "assert")),
        message=data["message"],
        when=_expression(document, data["when"], (*path, "when")) if "when" in data else None,
        always_blocks="blocks" in data,
        tests=tuple(
            _test(document, each, (*path, "tests", index))
            for index, each in enumerate(data.get("tests", ()))
        ),
        line=line,
        column=column,
    )


def _expression(document: Document, text: str, path: FieldPath) -> Expression:
    return Expression(text, *document.places(path).value)


def _test(document: Document, data: PolicyTestData, path: FieldPath) -> PolicyTest:
    line, column = document.places((*path, "expect")).value
    return PolicyTest(
        pool=data["pool"],
        passes=data["expect"] == "pass",
        target={**data.get("target", {})},
        live=data.get("live"),
        changes=tuple(data.get("changes", ())),
        line=line,
        column=column,
    )


def _waiver(document: Document, data: WaiverData, path: FieldPath) -> Waiver:
    line, column = document.places((*path, "until")).value
    return Waiver(
        rule=data["rule"],
        spec=data["spec"],
        target=data.get("target", "*"),
        reason=data["reason"],
        until=date.fromisoformat(data["until"]),
        line=line,
        column=column,
    )
