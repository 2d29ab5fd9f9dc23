"""Files that people take for a template: what they are, and how to get the template."""

import re
from collections.abc import Iterator
from typing import Final

from reconciler.converters.conversion import ConversionRule, Report, refusal
from reconciler.converters.nodes import Node, rooted, walk
from reconciler.converters.template_nodes import template_nodes
from reconciler.model.errors import InvalidSpecs
from reconciler.text.problems import clean, may_hold_secret

POOL: Final = "AWS::Cognito::IdentityPool"
ROLES: Final = "AWS::Cognito::IdentityPoolRoleAttachment"
PRINCIPAL_TAGS: Final = "AWS::Cognito::IdentityPoolPrincipalTag"
KINDS: Final = (POOL, ROLES, PRINCIPAL_TAGS)
PROCESSED: Final = (
    "convert the processed template: aws cloudformation get-template --stack-name STACK "
    "--template-stage Processed > template.json"
)
_PACKAGED: Final = (
    "run serverless package, and convert the template that it makes: "
    ".serverless/cloudformation-template-update-stack.json"
)
# Keys that a serverless.yml has, and no template.
_OF_SERVERLESS: Final = ("service", "provider", "resources")
# Sources of the Serverless Framework's variables (its guide, "Variables").  CloudFormation's own
# ${...} hold no colon but for AWS::.
_VARIABLE: Final = re.compile(
    r"\$\{\s*(?:(?:self|opt|env|sls|param|custom|ssm|cf|s3|aws|git|output|terraform|vault|doppler)"
    r"(?:\.[\w-]+|\([^(){}]*\))?:(?!:)|(?:file|strToBool)\()"
)


def template_of(file: str, root: Node) -> Node:
    """The template: the file's, or that in an answer of ``get-template``.

    Raises ``InvalidSpecs`` where the file is a part of a template, or what one is made from.
    """
    body = root.get("TemplateBody")
    if isinstance(body.value, str):  # a YAML template; places are those within the text
        root = template_nodes(file, body.value)
    elif body.members:
        root = body
    if "Resources" not in root.members:
        _refuse_a_serverless_file(root, file)
        _refuse_a_part(root, file)
    report = Report(file)
    for name, resource in root.get("Resources").members.items():
        if resource.get("Type").text in KINDS:
            for node in _variables(rooted(resource, ("Resources", name))):
                what = f"the Serverless Framework puts a value in for {_shown(node)}"
                report.error(ConversionRule.UNRESOLVED, node.holding(None), what, _PACKAGED)
    if report.findings:
        raise InvalidSpecs(report.findings)
    return root


def _refuse_a_serverless_file(root: Node, file: str) -> None:
    if sum(key in root.members for key in _OF_SERVERLESS) < len(("a key", "another one")):
        return
    variable = next(_variables(root.get("resources")), None)
    what = "this is a serverless.yml, which the Serverless Framework makes a template from"
    if variable is not None:
        what += f": it puts values in for {_shown(variable)}"
    place = (variable or root).holding(None)
    raise refusal(file, ConversionRule.NOT_CONVERTIBLE, place, what, _PACKAGED)


def _refuse_a_part(root: Node, file: str) -> None:
    kind = root.get("Type").text or ""
    kinds = [each.get("Type").text or "" for each in root.members.values()]
    if kind and "Properties" in root.members:
        what = f"this is one resource ({clean(kind)}), and no template: it has no Resources"
    elif any(each.startswith("AWS::") for each in kinds):
        what = "these are resources that a template includes, and no template: it has no Resources"
    else:
        return
    raise refusal(file, ConversionRule.NOT_CONVERTIBLE, root.holding(None), what, PROCESSED)


def _variables(tree: Node) -> Iterator[Node]:
    """The texts that hold a variable of the Serverless Framework."""
    for _, node in walk(tree):
        if isinstance(node.value, str) and _VARIABLE.search(node.value):
            yield node


def _shown(node: Node) -> str:
    found = _VARIABLE.search(node.text or "")
    if found is None or may_hold_secret(node.path):
        return "a variable here"
    return f"{clean(found[0])}...}}"
