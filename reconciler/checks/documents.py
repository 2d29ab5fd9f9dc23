"""Documents with what checks say of them: for commands that only look at files."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from reconciler.checks.pool_checks import problems_of
from reconciler.checks.rulebook import Rulebook
from reconciler.model.findings import Finding
from reconciler.model.project import Project, Target
from reconciler.specs.checks import CheckedSpec, check_spec, finding_of, in_targets
from reconciler.specs.effective import Effective
from reconciler.specs.reading import Check
from reconciler.text.documents import Document


def check_document(
    document: Document, project: Project, book: Rulebook, targets: Collection[str] = ()
) -> CheckedSpec:
    """As ``check_spec`` does, with what checks and policies say of the pool in these targets.

    No targets are all.  A tombstone has no pool to look at.  What only AWS has the value of, or
    what is left as it is there (``ignoreChanges``), is looked at when a plan is made.
    """
    checked = check_spec(document, project)
    found: dict[Finding, list[str]] = {}
    everywhere: list[str] = []
    for each in checked.effective:
        here = [target for target in each.targets if not targets or target.name in targets]
        everywhere += (target.name for target in here)
        if not here or each.value.get("lifecycle", {}).get("delete"):
            continue
        name = each.value["metadata"]["name"]
        if each.open_fields:
            book.passed_over.update((name, target.name) for target in here)
        left_alone = each.value.get("lifecycle", {}).get("ignoreChanges", ())
        for problem in problems_of(each.value["spec"], each.open_fields.union(left_alone)):
            finding = finding_of(problem, each, document, project)
            for target in here:
                marked = book.marked(finding, name, target.name)
                found.setdefault(marked, []).append(target.name)
        for finding, target in _of_policies(each, here, document, book):
            marked = book.marked(finding, name, target.name)
            found.setdefault(marked, []).append(target.name)
    doubts = (in_targets(each, where, everywhere) for each, where in found.items())
    return checked._replace(doubts=tuple(doubts))


def checking_in(book: Rulebook, targets: Collection[str] = ()) -> Check:
    """``check_document`` for these targets."""
    return lambda document, project: check_document(document, project, book, targets)


def _of_policies(
    made: Effective, targets: Sequence[Target], document: Document, book: Rulebook
) -> Iterator[tuple[Finding, Target]]:
    """What the policies say that ask for no plan, and only of fields that are known."""
    if book.policies is None:
        return
    found = book.policies.of_spec(made.value, made.open_fields, document.file, targets)
    for broken, target in found:
        finding = finding_of(broken.problem, made, document, book.project)
        yield replace(finding, rule=broken.rule.policy.id), target
