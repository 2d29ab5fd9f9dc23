"""What botocore knows of services and regions, read another way, is the same."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from reconciler.live.model_files import model_files
from tests.support.cli import clean_environment

# Ours, and those that botocore calls by itself to get credentials.
SERVICES = ("cognito-identity", "cognito-idp", "cloudtrail", "s3", "sns", "sso", "sso-oidc", "sts")
# Looks into folders while a target is opened, where nothing answers: AWS has some 400 services.
_PROGRAM = """
import sys
from reconciler.live.calls import Budget
from reconciler.live.connections import ConnectionSettings, connect
from reconciler.model.project import Target

looks = []
sys.addaudithook(lambda event, _: looks.append(event) if event == "os.listdir" else None)
connect(Target(name="default"), ConnectionSettings(budget=Budget(0)))
print(len(looks))
"""


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("kind", ["service-2", "endpoint-rule-set-1", "paginators-1"])
def test_a_service_is_as_botocore_reads_it(service: str, kind: str) -> None:
    # botocore changes what it has loaded where it calls S3.
    ours = model_files.__wrapped__(None).load_service_model(service, kind)
    assert ours == Loader().load_service_model(service, kind)
    assert list(ours) == list(Loader().load_service_model(service, kind))


@pytest.mark.parametrize("name", ["endpoints", "partitions", "_retry"])
def test_the_lists_of_regions_are_as_botocore_reads_them(name: str) -> None:
    fresh = model_files.__wrapped__(None)  # botocore fills in defaults where it looks
    assert fresh.load_data(name) == Loader().load_data(name)


def test_a_service_that_is_none_is_unknown() -> None:
    with pytest.raises(UnknownServiceError):
        model_files(None).load_service_model("no-such-service", "service-2")


@pytest.mark.parametrize("ending", [".json", ".json.gz"])
def test_files_of_ones_own_come_first(tmp_path: Path, ending: str) -> None:
    """AWS_DATA_PATH, as any other tool has it."""
    folder = tmp_path / "sts" / "2011-06-15"
    folder.mkdir(parents=True)
    content = json.dumps({"metadata": {"serviceId": "mine"}}).encode()
    file = folder / f"service-2{ending}"
    file.write_bytes(gzip.compress(content) if ending.endswith("gz") else content)
    files = model_files(f"/no/such/folder:{tmp_path}")
    assert files.load_service_model("sts", "service-2")["metadata"] == {"serviceId": "mine"}
    assert files.load_service_model("s3", "service-2")["metadata"]["serviceId"] == "S3"


def test_files_are_read_once_for_all_targets() -> None:
    assert model_files(None) is model_files(None)


def test_the_folders_of_services_that_nobody_asks_for_are_let_alone() -> None:
    settings = clean_environment(
        AWS_ACCESS_KEY_ID="a",
        AWS_SECRET_ACCESS_KEY="b",
        AWS_REGION="eu-west-1",
        AWS_ENDPOINT_URL="http://127.0.0.1:1",
    )
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env=settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert 0 < int(done.stdout) < 40
