"""What ``idpool init`` says at its end: what is left for a person to do."""

from pathlib import Path

from reconciler.cli.starters import Host, Values
from reconciler.reports.escape import escape


def next_steps(host: Host, values: Values, root: Path | None, *, forks: bool) -> str:
    """The steps, numbered.  ``root``: the repository's, where init was run below it."""
    steps = [
        *([_misplaced(root, host)] if root else []),
        *([f"commit {wheel}, too: pipelines install it"] if (wheel := values.source.wheel) else []),
        "idpool schema --out schemas   (editors then know the fields)",
        "change specs/example.yaml into a pool of yours; idpool validate",
        "idpool iam-policy plan, idpool iam-policy apply: the two roles of the pipelines;"
        " docs/pipelines.md has their trust policies",
        *(_github(values, forks=forks) if host is Host.GITHUB else _gitlab(values)),
    ]
    lines = [f"  {number}. {step}\n" for number, step in enumerate(steps, 1)]
    return f"Owner: {escape(values.owner)}\nNext:\n{''.join(lines)}"


def _misplaced(root: Path, host: Host) -> str:
    name = "GitHub" if host is Host.GITHUB else "GitLab"
    return (
        f"{name} reads pipelines in {escape(str(root.resolve()))} only: move them there, and let"
        " their commands run in this folder"
    )


def _github(values: Values, *, forks: bool) -> list[str]:
    variables = [_roles(values), *_region(values)]
    environments = ["idpool, idpool-drift", *(["idpool-forks (WITH reviewers)"] if forks else [])]
    return [
        f"repository variables: {', '.join(variables)}",
        f"environments, limited to branch main: {', '.join(environments)}",
        "secret IDPOOL_NOTIFY in environment idpool-drift: who is told of drift",
        "read the first lines of each file in .github/workflows",
    ]


def _gitlab(values: Values) -> list[str]:
    variables = [_roles(values), *_region(values), "GITLAB_TOKEN"]
    return [
        f"CI/CD variables: {', '.join(variables)}, IDPOOL_NOTIFY",
        "a pipeline schedule on the default branch, for drift",
        "read the first lines of .gitlab/idpool.yml; a .gitlab-ci.yml that was there has to include"
        " it",
    ]


def _roles(values: Values) -> str:
    names = "IDPOOL_PLAN_ROLE, IDPOOL_APPLY_ROLE"
    return f"{names} (until then both are {values.role_arn})" if values.role_arn else names


def _region(values: Values) -> list[str]:
    return [] if values.region else ["AWS_REGION"]
