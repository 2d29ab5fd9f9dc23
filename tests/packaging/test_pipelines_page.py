"""docs/pipelines.md: its examples can be used, and it names what there is."""

import json
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.packaging.pipeline_files import ACTION, ROOT, read_documents, read_yaml, steps_of
from tests.packaging.pipeline_files import WORKFLOWS as STARTED
from tests.support.cli import Idpool

PAGE = (ROOT / "docs" / "pipelines.md").read_text()
CRON_JOB = ROOT / "examples" / "kubernetes" / "drift-cronjob.yaml"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def subjects() -> list[str]:
    """Whom each trust policy lets in."""
    found = []
    for text in blocks("json"):
        (statement,) = json.loads(text)["Statement"]
        conditions = statement["Condition"]["StringEquals"]
        assert any(key.endswith(":aud") for key in conditions)
        (subject,) = [value for key, value in conditions.items() if key.endswith(":sub")]
        found.append(str(subject))
    return found


def test_a_trust_policy_names_one_subject_without_wildcards() -> None:
    assert len(subjects()) == 3
    assert not any("*" in subject for subject in subjects())


def test_the_environments_are_those_of_the_workflows() -> None:
    named = {job["environment"] for p in STARTED for job in _jobs(p) if "environment" in job}
    assert named == {"idpool", "idpool-drift", "idpool-forks"}
    assert all(f"`:environment:{name}`" in PAGE for name in named)


def test_the_service_account_is_that_of_the_example() -> None:
    account = read_documents(CRON_JOB)[0]["metadata"]
    expected = f"system:serviceaccount:{account['namespace']}:{account['name']}"
    assert expected in subjects()


def test_the_example_of_the_action_fits_the_action() -> None:
    (example,) = [y for y in map(_yaml, blocks("yaml")) if "steps" in y]
    inputs = [step["with"] for step in example["steps"] if "acme/idpool" in step["uses"]]
    assert [given["command"] for given in inputs] == ["plan", "comment"]
    assert {name for given in inputs for name in given} <= set(read_yaml(ACTION)["inputs"])
    ours = {step["uses"] for path in STARTED for step in steps_of(path) if "uses" in step}
    assert example["steps"][0]["uses"] in ours


def test_a_workflow_that_is_called_takes_what_the_page_gives_it() -> None:
    (example,) = [y for y in map(_yaml, blocks("yaml")) if "jobs" in y]
    (plan,) = [path for path in STARTED if path.name == "idpool-plan.yml"]
    given = example["jobs"]["plan"]
    assert set(given["with"]) <= set(read_yaml(plan)["on"]["workflow_call"]["inputs"])
    assert given["permissions"] == read_yaml(plan)["jobs"]["plan"]["permissions"]


@pytest.mark.parametrize("link", re.findall(r"\]\((\.\./[^)#]+|[a-z-]+\.md)\)", PAGE))
def test_what_it_links_to_is_there(link: str) -> None:
    assert (ROOT / "docs" / link).is_file()


def test_every_option_of_init_is_there() -> None:
    shown = Idpool(ROOT).run("init", "--help").out
    others = {"--help", "--quiet", "--no-color", "--hash"}  # the last one is pip's
    options = set(re.findall(r"(--[a-z-]+)", shown)) - others
    assert {option for option in options if f"`{option}" not in PAGE} == set()


def _jobs(path: Path) -> list[dict]:
    return list(read_yaml(path)["jobs"].values())


def _yaml(text: str) -> dict:
    return dict(YAML(typ="safe", pure=True).load(text))
