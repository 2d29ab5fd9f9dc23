"""From a checked document to the model of its spec, for whoever goes on to work with it."""

from pydantic import ValidationError

from reconciler.loader.pool_checks import check_pool
from reconciler.loader.positions import Document
from reconciler.loader.problems import Problem
from reconciler.loader.rule_ids import RuleId
from reconciler.model.base import JsonValue
from reconciler.model.project import Project
from reconciler.model.spec import PoolDocument


def checked_pool(document: Document, project: Project) -> tuple[PoolDocument | None, list[Problem]]:
    """The model of a document, if the schema allows it, and everything that is wrong with it."""
    allowed, problems = check_pool(document, project)
    if not allowed:
        return None, problems
    model, strange = parsed(document.value)
    return model, problems + strange


def parsed(value: JsonValue) -> tuple[PoolDocument | None, list[Problem]]:
    """The model of a value that the schema allows.

    The schema says what the model says, so a problem here is a disagreement between two regular
    expression engines; it is reported like any other.
    """
    try:
        return PoolDocument.model_validate(value, strict=True), []
    except ValidationError as error:
        return None, [
            Problem(tuple(each["loc"]), RuleId.WRONG_FORMAT, each["msg"])
            for each in error.errors(include_url=False, include_input=False)
        ]
