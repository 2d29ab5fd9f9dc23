"""The examples for drift in a cluster: what they run is run, what they allow is what is needed."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from reconciler.model.permissions import Use, permissions_for
from tests.packaging.conftest import Account
from tests.packaging.pipeline_files import CRON_JOB, ROOT, STACK, read_documents
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of

_ACCOUNT, _VOLUME, _CRON = read_documents(CRON_JOB)
POD: dict[str, Any] = _CRON["spec"]["jobTemplate"]["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
# The round-trip loader knows tags such as !Ref as what they are: tags.
RESOURCES: dict[str, Any] = YAML(pure=True).load(STACK.read_text())["Resources"]
(TASK,) = RESOURCES["Task"]["Properties"]["ContainerDefinitions"]


def as_config_map(folder: Path, files: dict[str, str]) -> None:
    """Files as the kubelet mounts a ConfigMap: links through a folder that it swaps at once."""
    data = folder / "..2026_11_23_00_00_00.1"
    data.mkdir(parents=True)
    (folder / "..data").symlink_to(data.name)
    for name, text in files.items():
        (data / name).write_text(text)
        (folder / name).symlink_to(f"..data/{name}")


@pytest.mark.parametrize("arguments", [CONTAINER["args"], TASK["Command"]])
def test_what_they_run_finds_drift(
    arguments: list[str], idpool: Idpool, account: Account, tmp_path: Path
) -> None:
    """In the layout of their mounts; orphans are found, so these are all specs there are."""
    project = {"apiVersion": "idpool/v1", "kind": "Project", "owner": "acme/shop"}
    idpool.write("idpool.yaml", yaml_of(project))
    as_config_map(idpool.folder / "specs", {"shop.yaml": yaml_of(document("shop"))})
    state = tmp_path / "state"
    words = [word.replace("/state", str(state)) for word in arguments]
    assert idpool.run("apply", "--yes").code == 0
    assert idpool.run(*words).code == 0
    tags = {"idpool:owner": "acme/shop", "idpool:name": "gone"}
    account.create("orphan", IdentityPoolTags=tags)
    found = idpool.run(*words)
    assert found.code == 2, found.text
    assert "orphan" in found.out
    assert (state / "drift.json").is_file() == ("--state" in arguments)


def test_the_mounts_are_what_the_commands_expect() -> None:
    mounts = {mount["name"]: mount for mount in CONTAINER["volumeMounts"]}
    assert CONTAINER["workingDir"] == "/work"
    assert mounts["project"]["mountPath"] == "/work/idpool.yaml"
    assert mounts["specs"]["mountPath"] == "/work/specs"
    assert mounts["state"]["mountPath"] == "/state"
    assert "readOnly" not in mounts["state"]
    assert mounts["project"]["readOnly"] is mounts["specs"]["readOnly"] is True
    claim = next(v for v in POD["volumes"] if v["name"] == "state")["persistentVolumeClaim"]
    assert claim["claimName"] == _VOLUME["metadata"]["name"]
    assert POD["serviceAccountName"] == _ACCOUNT["metadata"]["name"]


def test_the_pod_may_do_nothing_that_it_need_not() -> None:
    """The rules of Kubernetes' restricted Pod Security Standard, and the image's own user."""
    context, pod = CONTAINER["securityContext"], POD["securityContext"]
    assert context["readOnlyRootFilesystem"] is True
    assert context["allowPrivilegeEscalation"] is False
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert pod["runAsNonRoot"] is True
    assert pod["seccompProfile"] == {"type": "RuntimeDefault"}
    user = f"{pod['runAsUser']}:{pod['runAsGroup']}"
    assert f"USER {user}\n" in (ROOT / "Dockerfile").read_text()
    assert TASK["User"] == user
    assert POD["automountServiceAccountToken"] is _ACCOUNT["automountServiceAccountToken"] is False
    assert CONTAINER["resources"]["limits"]["memory"]
    assert _CRON["spec"]["concurrencyPolicy"] == "Forbid"


def test_the_task_may_call_what_drift_calls() -> None:
    """As ``idpool iam-policy drift --who`` prints it."""
    statements = _statements("TaskRole")
    allowed = {action for each in statements for action in _words(each["Action"])}
    needed = permissions_for({Use.READ, Use.WHO})
    assert allowed == {need.action for need in needed}
    wide = {a for each in statements if each["Resource"] == "*" for a in _words(each["Action"])}
    assert wide == {need.action for need in needed if need.scope.name == "EVERYTHING"}


def test_no_role_may_do_more_than_its_job() -> None:
    allowed = {
        role: {action for each in _statements(role) for action in _words(each["Action"])}
        for role, resource in RESOURCES.items()
        if resource["Type"] == "AWS::IAM::Role" and role != "TaskRole"
    }
    assert allowed == {
        "ExecutionRole": {
            "ecr:GetAuthorizationToken",
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "secretsmanager:GetSecretValue",
        },
        "SchedulerRole": {"ecs:RunTask", "iam:PassRole"},
    }
    assert not any("*" in a for actions in allowed.values() for a in actions)
    passed = _statements("SchedulerRole")[1]
    assert passed["Condition"] == {
        "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    }


def test_the_log_is_not_kept_for_ever() -> None:
    assert RESOURCES["Log"]["Properties"]["RetentionInDays"] == 30
    assert TASK["ReadonlyRootFilesystem"] is True


def _statements(role: str) -> list[dict[str, Any]]:
    policies = RESOURCES[role]["Properties"]["Policies"]
    return [s for policy in policies for s in policy["PolicyDocument"]["Statement"]]


def _words(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
