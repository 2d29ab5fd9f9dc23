"""The `lock:` of a project file."""

from pathlib import Path

import pytest

from reconciler.model.errors import InvalidSpecs
from reconciler.model.lock import lock_place
from reconciler.specs.project import load_project

HEAD = "apiVersion: idpool/v1\nkind: Project\nowner: acme\n"


@pytest.mark.parametrize(
    ("lock", "place"),
    [
        ("s3://locks/idpool", "s3://locks/idpool/prod-eu.lock"),
        ("s3://my.locks-1/a/b=c/d_e@f+g/", "s3://my.locks-1/a/b=c/d_e@f+g/prod-eu.lock"),
    ],
)
def test_each_target_has_an_object_below_the_prefix(tmp_path: Path, lock: str, place: str) -> None:
    """Named after the target; an ending slash makes no difference."""
    (tmp_path / "idpool.yaml").write_text(f"{HEAD}lock: {lock}\n", encoding="utf-8")
    project = load_project(tmp_path / "idpool.yaml")
    assert project.lock == lock
    assert lock_place(lock, "prod-eu").uri == place


@pytest.mark.parametrize(
    ("lock", "fix"),
    [
        ("s3://locks", "add a key prefix: s3://locks/idpool"),
        ("s3://locks/", "add a key prefix: s3://locks/idpool"),
        ("s3://Locks/idpool", "write a bucket's name in lower case"),
        ("https://locks.s3.amazonaws.com/idpool", "a lock is an object in S3"),
        ("locks/idpool", "write s3://BUCKET/KEY-PREFIX"),
        ("s3://locks/../idpool", "write s3://BUCKET/KEY-PREFIX"),
        ("s3://locks/a//b", "write s3://BUCKET/KEY-PREFIX"),
        ("s3://lo/idpool", "write s3://BUCKET/KEY-PREFIX"),
        ("s3://lo..cks/idpool", "name a bucket that exists"),
        ("s3://192.168.5.4/idpool", "name a bucket that exists"),
        ("s3://locks/" + "k" * 960, "shorten it"),
        ('""', "write"),
        ("7", "quote"),
    ],
)
def test_a_wrong_place_is_named_with_line_and_fix(tmp_path: Path, lock: str, fix: str) -> None:
    """One finding, at the value."""
    path = tmp_path / "idpool.yaml"
    path.write_text(f"{HEAD}lock: {lock}\n", encoding="utf-8")
    with pytest.raises(InvalidSpecs) as invalid:
        load_project(path)
    (finding,) = invalid.value.findings
    assert (finding.line, finding.column, finding.path) == (4, 7, "lock")
    assert fix in finding.fix
