"""Who calls, as CloudTrail shows it."""

from pathlib import Path

import pytest

from reconciler import __version__
from tests.faults.commands import command
from tests.support.answering import answering
from tests.support.specs import document

NAMES = {"nightly-drift": "nightly-drift", "two words\r\nX-Evil: 1": "two-words--X-Evil--1"}


@pytest.mark.parametrize("name", NAMES)
def test_calls_name_idpool_and_the_application(tmp_path: Path, name: str) -> None:
    """A name that is no token of HTTP is made one: it neither ends the header nor the run."""
    heard: list[dict[str, str]] = []
    with answering("AccessDeniedException", "no", heard=heard) as url:
        idpool = command(tmp_path, url, document("shop"))
        idpool.environment = {**idpool.environment, "AWS_SDK_UA_APP_ID": name}
        assert idpool.run("plan", "specs").code == 1
    assert len(heard) == 2
    for headers in heard:
        assert headers["user-agent"].startswith(f"idpool/{__version__} botocore/")
        assert headers["user-agent"].endswith(f" app/{NAMES[name]}")
        assert "x-evil" not in headers


def test_without_an_application_the_agent_is_idpool_alone(tmp_path: Path) -> None:
    """The usual case."""
    heard: list[dict[str, str]] = []
    with answering("AccessDeniedException", "no", heard=heard) as url:
        command(tmp_path, url, document("shop")).run("plan", "specs")
    assert {"app/" in headers["user-agent"] for headers in heard} == {False}
