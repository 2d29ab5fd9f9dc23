"""Documents with what checks say of them: for commands that only look at files."""

from collections.abc import Collection

from reconciler.checks.pool_checks import problems_of
from reconciler.model.findings import Finding
from reconciler.model.project import Project
from reconciler.specs.checks import CheckedSpec, check_spec, finding_of, in_targets
from reconciler.specs.reading import Check
from reconciler.text.documents import Document


def check_document(
    document: Document, project: Project, targets: Collection[str] = ()
) -> CheckedSpec:
    """As ``check_spec`` does, with what checks say of the pool in these targets, none for all.

    A tombstone has no pool to look at.  Fields of which only AWS has the value are looked at later.
    """
    checked = check_spec(document, project)
    found: dict[Finding, list[str]] = {}
    everywhere: list[str] = []
    for each in checked.effective:
        names = [t.name for t in each.targets if not targets or t.name in targets]
        everywhere += names
        if not names or each.value.get("lifecycle", {}).get("delete"):
            continue
        for problem in problems_of(each.value["spec"], each.open_fields):
            finding = finding_of(problem, each, document, project)
            found.setdefault(finding, []).extend(names)
    doubts = (in_targets(each, where, everywhere) for each, where in found.items())
    return checked._replace(doubts=tuple(doubts))


def checking_in(targets: Collection[str]) -> Check:
    """``check_document`` for these targets."""
    return lambda document, project: check_document(document, project, targets)
