"""What a person learns from `validate`."""

from reconciler.model.findings import Finding
from reconciler.reports.error_text import findings_text
from tests.reports.builders import finding
from tests.reports.golden import check_golden
from tests.reports.plans import HOSTILE

FINDINGS = (
    finding(
        line=12,
        column=5,
        path="spec.SamlProviderARNs[0]",
        message="this is a role's ARN, and a SAML provider's is meant",
        fix="arn:aws:iam::<account>:saml-provider/<name>",
        rule_id="arn-kind",
    ),
    finding(line=40, path="spec.RoleMappings", severity="warning", message="31 rules"),
    finding("specs/b.yaml", 3, 1, path="", message="tabs indent nothing in YAML", rule_id="tab"),
    finding(line=2, column=7, path="metadata.name", message="is used twice"),
    finding("specs/b.yaml", 3, 1, path="", message="and once more in the same place"),
    finding(f"specs/{HOSTILE}.yaml", path=HOSTILE, message=HOSTILE, fix=HOSTILE),
)


def text(*findings: Finding) -> str:
    return findings_text(findings).plain


def test_findings() -> None:
    check_golden("findings.txt", text(*FINDINGS) + "\n")


def test_one_finding_is_in_the_form_that_editors_know() -> None:
    assert text(FINDINGS[0]).splitlines() == [
        "specs/a.yaml:12:5: error: spec.SamlProviderARNs[0]: "
        "this is a role's ARN, and a SAML provider's is meant [arn-kind]",
        "  fix: arn:aws:iam::<account>:saml-provider/<name>",
        "",
        "1 error in 1 file.",
    ]


def test_no_findings_is_said() -> None:
    assert text() == "No problems found."


def test_warnings_alone_are_not_called_errors() -> None:
    assert text(FINDINGS[1]).endswith("\n1 warning in 1 file.")
