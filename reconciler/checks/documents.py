"""Documents with what checks say of them: for commands that only look at files."""

from reconciler.checks.pool_checks import problems_of
from reconciler.model.findings import Finding
from reconciler.model.project import Project
from reconciler.specs.checks import CheckedSpec, check_spec, finding_of, in_targets
from reconciler.text.documents import Document


def check_document(document: Document, project: Project) -> CheckedSpec:
    """As ``check_spec`` does, with the findings of checks.

    A tombstone has no pool to look at, and of what only AWS has a value of nothing is known yet.
    """
    checked = check_spec(document, project)
    known = [
        each
        for each in checked.effective
        if not (each.unread or each.unread_keys or each.value.get("lifecycle", {}).get("delete"))
    ]
    found: dict[Finding, list[str]] = {}
    for each in known:
        for problem in problems_of(each.value["spec"]):
            finding = finding_of(problem, each, document, project)
            found.setdefault(finding, []).extend(target.name for target in each.targets)
    everywhere = [target.name for each in checked.effective for target in each.targets]
    findings = (in_targets(each, where, everywhere) for each, where in found.items())
    return checked._replace(findings=(*checked.findings, *findings))
