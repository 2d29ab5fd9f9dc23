"""A new field of a pool is one row: everything else that knows fields is derived from it."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import botocore
import pytest

from tests.e2e.made_up_walk import FLAG, MEMBERS, TF_FLAG, TF_MEMBERS

ROOT = Path(__file__).parents[2]
MODEL = "cognito-identity/2014-06-30/service-2.json"
AFTER = "    SupportedLoginProviders: Annotated["
ROWS = f'''\
    {FLAG}: Annotated[
        bool, Field(FieldKind.FLAG, spec=bool, says="Made up.", terraform="{TF_FLAG}")
    ] = False
    {MEMBERS}: Annotated[
        tuple[str, ...],
        Field(FieldKind.SET, spec=list[SamlArn], says="Made up.", terraform="{TF_MEMBERS}"),
    ] = ()
'''


def service_with_the_fields(data: Path) -> None:
    """botocore's model of the service, as if AWS had added both fields."""
    source = Path(botocore.__file__).parent / f"data/{MODEL}.gz"
    model = json.loads(gzip.decompress(source.read_bytes()))
    for shape in ("CreateIdentityPoolInput", "IdentityPool"):
        members = model["shapes"][shape]["members"]
        members[FLAG] = {"shape": members["AllowClassicFlow"]["shape"]}
        members[MEMBERS] = {"shape": members["SamlProviderARNs"]["shape"]}
    (data / MODEL).parent.mkdir(parents=True)
    (data / MODEL).write_text(json.dumps(model))


@pytest.mark.slow
def test_two_rows_are_enough(tmp_path: Path) -> None:
    """A boolean and a set, from a spec to a pool, to each report, to other tools and back."""
    package = tmp_path / "package"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "reconciler", package / "reconciler", ignore=ignored)
    table = package / "reconciler/model/pool.py"
    before, found, after = table.read_text().partition(AFTER)
    assert found
    table.write_text(f"{before}{ROWS}{found}{after}")
    service_with_the_fields(tmp_path / "data")
    path = os.pathsep.join([str(package), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, "AWS_DATA_PATH": str(tmp_path / "data")}

    work = tmp_path / "work"  # Python looks for modules there first
    work.mkdir()

    def python(*words: str) -> None:
        command = [sys.executable, *words]
        done = subprocess.run(
            command, cwd=work, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    # The schemas are generated: as `make schema` does it.
    schemas = package / "reconciler/specs/schemas"
    cli = "import sys; from reconciler.cli.main import main; sys.exit(main())"
    python("-c", cli, "schema", "--out", str(tmp_path / "schemas"))
    for each in schemas.iterdir():
        shutil.copy(tmp_path / "schemas" / each.name, each)
    python("-m", "tests.e2e.made_up_walk", str(work), str(tmp_path / "data"))
