"""One document as a spec: what is wrong with it, by the schema and by every rule of one pool."""

from collections.abc import Iterator
from typing import Final

from reconciler.loader.checks import check
from reconciler.loader.pool_rules import POOL_RULES, Subject
from reconciler.loader.positions import Document
from reconciler.loader.problems import Problem
from reconciler.loader.provider_rules import PROVIDER_RULES
from reconciler.model.headers import POOL_KIND
from reconciler.model.project import Project
from reconciler.model.written import SpecData

_RULES: Final = (*POOL_RULES, *PROVIDER_RULES)


def check_pool(document: Document, project: Project) -> tuple[bool, list[Problem]]:
    """Whether the schema allows the document as a spec, and everything that is wrong with it."""

    def rules(spec: SpecData, wrong: frozenset[str]) -> Iterator[Problem]:
        subject = Subject(spec, project, wrong)
        ignored = subject.lifecycle.get("ignoreChanges", ())
        subject = Subject(spec, project, wrong.union(ignored))
        for rule in _RULES:
            yield from rule(subject)

    return check(document, "identity-pool", POOL_KIND, rules)
