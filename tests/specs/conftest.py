"""What the loader's tests share: load a text as a file, and collect its findings."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.model.errors import InvalidSpecs
from reconciler.model.findings import Finding
from reconciler.model.project import Project, Target
from reconciler.specs.loading import load_specs
from reconciler.specs.project import load_project

FindingsOf = Callable[..., list[Finding]]

TWO_TARGETS = Project(
    owner="acme/identity",
    targets=(
        Target(name="prod-eu", account="123456789012", region="eu-west-1"),
        Target(name="prod-us", account="123456789012", region="us-east-1"),
    ),
)


def findings_of_paths(paths: list[Path], project: Project) -> list[Finding]:
    """Every finding of some files, warnings of valid ones included."""
    try:
        return list(load_specs(paths, project).warnings)
    except InvalidSpecs as invalid:
        return list(invalid.findings)


@pytest.fixture
def findings_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FindingsOf:
    """Findings of texts, written to ``a.yaml``, ``b.yaml`` and so on."""
    monkeypatch.chdir(tmp_path)

    def findings(*texts: str | bytes, project: Project | None = None) -> list[Finding]:
        paths = [Path(f"{chr(ord('a') + number)}.yaml") for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_bytes(text.encode() if isinstance(text, str) else text)
        return findings_of_paths(paths, project or Project())

    return findings


@pytest.fixture
def project_findings_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FindingsOf:
    """Findings of a text as the project file ``idpool.yaml``."""
    monkeypatch.chdir(tmp_path)

    def findings(text: str) -> list[Finding]:
        path = Path("idpool.yaml")
        path.write_text(text, encoding="utf-8")
        try:
            load_project(path)
        except InvalidSpecs as invalid:
            return list(invalid.findings)
        return []

    return findings
