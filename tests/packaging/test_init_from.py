"""``idpool init --from``: what pipelines install is pinned byte for byte, or there are none."""

import hashlib
import json
import os
import re
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.locks import read_lock
from tests.packaging.pipeline_files import FROM, GITLAB, ROOT, WORKFLOWS, read_yaml, steps_of
from tests.packaging.runner import Runner
from tests.support.cli import Idpool, clean_environment

COMMIT, HASH = "c" * 40, "a" * 64
AT = "https://git.example.com/acme/idpool"
WHEEL = "idpool-0.1.0-py3-none-any.whl"
URL = f"https://files.example.com:8443/wheels/{WHEEL}"


@pytest.fixture
def idpool(tmp_path: Path) -> Idpool:
    """The command in an empty repository."""
    folder = tmp_path / "shop"
    folder.mkdir()
    return Idpool(folder)


def wheel_in(folder: Path, name: str = f"wheels/{WHEEL}", content: bytes = b"a wheel") -> str:
    """A file that could be a wheel; its hash."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def installed(folder: Path, host: str = "github") -> list[str]:
    """What pip is told about idpool, comments left out."""
    text = (folder / f".{host}/idpool/idpool.txt").read_text()
    return [line for line in text.splitlines() if not line.startswith("#")]


def needs(folder: Path, host: str = "github") -> list[str]:
    """What is pinned beside it."""
    return [pin.name for pin in read_lock((folder / f".{host}/idpool/needs.txt").read_text())]


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        (f"git+{AT}@{COMMIT}", [f"git+{AT}@{COMMIT}"]),
        (f"git+{AT}.git@{'0' * 64}", [f"git+{AT}.git@{'0' * 64}"]),
        (f"git+ssh://git@host:22/a/b.git@{COMMIT}", [f"git+ssh://git@host:22/a/b.git@{COMMIT}"]),
        (f"{URL}#sha256={HASH}", [f"{URL} --hash=sha256:{HASH}"]),
        (f"{URL}#sha256={HASH.upper()}", [f"{URL} --hash=sha256:{HASH}"]),
        (
            f"idpool==0.1.0 --hash=sha256:{HASH}",
            ["--only-binary idpool", f"idpool==0.1.0 --hash=sha256:{HASH}"],
        ),
        (
            f"acme-idpool == 0.1.0+acme.1 --hash sha256:{HASH} --hash=sha256:{'b' * 64}",
            [
                "--only-binary acme-idpool",
                f"acme-idpool==0.1.0+acme.1 --hash=sha256:{HASH} --hash=sha256:{'b' * 64}",
            ],
        ),
    ],
)
@pytest.mark.parametrize("host", ["github", "gitlab"])
def test_what_is_named_is_what_pipelines_install(
    host: str, source: str, lines: list[str], idpool: Idpool
) -> None:
    result = idpool.run("init", host, "--from", source)
    assert result.code == 0, result.text
    assert installed(idpool.folder, host) == lines


def test_a_wheel_of_the_repository_is_named_by_its_path_in_it(
    idpool: Idpool, tmp_path: Path
) -> None:
    """Wherever init is run; the file has to be committed, which is said."""
    found = wheel_in(idpool.folder)
    line = f"./wheels/{WHEEL} --hash=sha256:{found}"
    here = idpool.run("init", "github", "--from", f"wheels/{WHEEL}#sha256={found}")
    assert here.code == 0, here.text
    assert f"commit wheels/{WHEEL}, too" in here.err
    assert installed(idpool.folder) == [line]
    (idpool.folder / ".github/idpool/idpool.txt").unlink()
    place = f"shop/./wheels/{WHEEL}#sha256={found}"
    there = Idpool(tmp_path).run("init", "github", "--folder", "shop", "--from", place)
    assert there.out == "shop/.github/idpool/idpool.txt\n"
    assert installed(idpool.folder) == [line]


@pytest.mark.parametrize("host", ["github", "gitlab"])
def test_dependencies_are_those_of_the_lock(host: str, idpool: Idpool) -> None:
    """With their hashes; and what idpool is built with, where pip has to build it."""
    assert idpool.run("init", host, "--from", f"{URL}#sha256={HASH}").code == 0
    path = idpool.folder / f".{host}/idpool/needs.txt"
    locks = [ROOT / "requirements" / name for name in ("runtime.txt", "build.txt")]
    runtime, build = (read_lock(lock.read_text()) for lock in locks)
    assert read_lock(path.read_text()) == runtime
    assert idpool.run("init", host, "--force", *FROM).code == 0
    assert read_lock(path.read_text()) == runtime + build
    assert "requirements/" not in path.read_text()


def test_a_repository_is_cloned_with_an_image_that_has_git(idpool: Idpool) -> None:
    images = []
    for source in (FROM[1], f"{URL}#sha256={HASH}"):
        assert idpool.run("init", "gitlab", "--force", "--from", source).code == 0
        images.append(read_yaml(idpool.folder / ".gitlab/idpool.yml")[".idpool"]["image"])
    assert images == ["python:3.13", "python:3.13-slim"]


NO_COMMIT = "does not end in @ and a full commit"
NO_HASH = "does not end in #sha256= and the wheel's hash"
NO_PIN_HASH = "has no --hash=sha256: with 64 hexadecimal digits"
BAD = [
    ("", "is none of: git+https://"),
    ("idpool", "is none of: git+https://"),
    ("-r evil.txt", "is none of: git+https://"),
    ("idpool>=0.1", "is none of: git+https://"),
    ("git@git.example.com:acme/idpool.git", "is none of: git+https://"),
    (f"git+{AT}", NO_COMMIT),
    (f"git+{AT}@main", NO_COMMIT),
    (f"git+{AT}@v0.1.0", NO_COMMIT),
    (f"git+{AT}@{COMMIT[:12]}", NO_COMMIT),
    (f"git+{AT}@{COMMIT}\n", NO_COMMIT),
    (f"git+{AT}@{COMMIT}#egg=x", NO_COMMIT),
    (f"git+http://git.example.com/acme/idpool@{COMMIT}", "is not like git+https://"),
    (f"git+file:///srv/idpool@{COMMIT}", "is not like git+https://"),
    (f"git+https://jane:hush@git.example.com/idpool@{COMMIT}", "without a password"),
    (f"git+https://${{HUSH}}@git.example.com/idpool@{COMMIT}", "without a password"),
    (f"git+{AT} --index-url=x@{COMMIT}", "is not like git+https://"),
    (URL, NO_HASH),
    (f"{URL}#sha256={HASH[:40]}", NO_HASH),
    (f"{URL}#md5={'a' * 32}", NO_HASH),
    (f"{URL}?token=hush#sha256={HASH}", "without a password or a query"),
    (f"https://jane:hush@files.example.com/{WHEEL}#sha256={HASH}", "without a password"),
    (f"file:///srv/{WHEEL}#sha256={HASH}", "is not like https://"),
    (f"{AT}#sha256={HASH}", "is no wheel; a repository is git+https://HOST/PATH@COMMIT"),
    (f"https://x.example.com/idpool-0.1.0.tar.gz#sha256={HASH}", "is no wheel"),
    ("idpool==0.1.0", NO_PIN_HASH),
    (f"idpool==0.1.0 --hash=sha256:{HASH[:-1]}", NO_PIN_HASH),
    (f"idpool==0.1.0 --hash=md5:{'a' * 32}", NO_PIN_HASH),
    (f"idpool==0.1.0 --hash=sha256:{HASH} --extra-index-url x", NO_PIN_HASH),
    (f"idpool==0.1.* --hash=sha256:{HASH}", "is not like 'idpool==VERSION"),
    (f"idpool[x]==0.1.0 --hash=sha256:{HASH}", "is not like 'idpool==VERSION"),
    (f"wheels/{WHEEL}", "has no hash: what is there is wheels/"),
    (f"wheels/{WHEEL}#sha256={HASH}", "has another file's hash: what is there is wheels/"),
    (f"wheels/other-{WHEEL}#sha256={HASH}", "is not there"),
    (f"../{WHEEL}#sha256={HASH}", "put the wheel into the repository"),
    (f"my wheels/{WHEEL}#sha256={HASH}", "has a sign in its path"),
    (f"link/{WHEEL}#sha256={HASH}", "put the wheel into the repository"),
]


@pytest.mark.parametrize(("source", "told"), BAD)
def test_what_can_be_another_tomorrow_is_refused_and_nothing_written(
    source: str, told: str, idpool: Idpool, tmp_path: Path
) -> None:
    wheel_in(idpool.folder)
    wheel_in(idpool.folder, f"my wheels/{WHEEL}")
    wheel_in(tmp_path, WHEEL)
    (idpool.folder / "link").symlink_to(tmp_path)
    before = sorted(idpool.folder.rglob("*"))
    result = idpool.run("init", "github", "--from", source)
    assert result.code == 64, result.text
    assert result.err.startswith("error: --from ")
    assert told in result.err
    assert "hush" not in result.text
    assert sorted(idpool.folder.rglob("*")) == before


def test_the_hash_that_is_told_can_be_used(idpool: Idpool) -> None:
    wheel_in(idpool.folder)
    refused = idpool.run("init", "github", "--from", f"wheels/{WHEEL}")
    (told,) = re.findall(r"what is there is (\S+[0-9a-f])", refused.err)
    assert idpool.run("init", "github", "--from", told).code == 0


def test_all_that_is_wrong_is_told_at_once(idpool: Idpool) -> None:
    result = idpool.run("init", "github", "--region", "x y", "--from", "idpool")
    assert result.code == 64
    assert "--region 'x y'" in result.err
    assert "--from 'idpool'" in result.err


Recorded = Callable[[Any], Idpool]


@pytest.fixture
def recorded(idpool: Idpool, tmp_path: Path) -> Recorded:
    """The command as it is after an install that has left this direct_url.json, or none."""

    def install(record: Any, *, locks: bool = True) -> Idpool:
        place = tmp_path / "site" / "idpool-0.1.0.dist-info"
        (place / "extra_metadata").mkdir(parents=True)
        (place / "METADATA").write_text("Metadata-Version: 2.4\nName: idpool\nVersion: 0.1.0\n")
        if record is not None:
            text = record if isinstance(record, str) else json.dumps(record)
            (place / "direct_url.json").write_text(text)
        for name in ("runtime.txt", "build.txt") if locks else ():
            lock = (ROOT / "requirements" / name).read_text()
            (place / "extra_metadata" / name).write_text(lock)
        return Idpool(idpool.folder, clean_environment(PYTHONPATH=str(place.parent)))

    return install


def git_record(url: str = AT, **more: Any) -> dict[str, Any]:
    """As pip writes it; PEP 610."""
    vcs = {"vcs": "git", "requested_revision": "main", "commit_id": COMMIT}
    return {"url": url, "vcs_info": vcs, **more}


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (git_record(), f"git+{AT}@{COMMIT}"),
        (git_record("ssh://git@host/a/b.git"), f"git+ssh://git@host/a/b.git@{COMMIT}"),
        (
            {"url": URL, "archive_info": {"hash": f"sha256={HASH}", "hashes": {"sha256": HASH}}},
            f"{URL} --hash=sha256:{HASH}",
        ),
        ({"url": URL, "archive_info": {"hash": f"sha256={HASH}"}}, f"{URL} --hash=sha256:{HASH}"),
    ],
    ids=["git", "git over ssh", "wheel", "wheel, by an older pip"],
)
def test_the_default_is_where_this_idpool_came_from(
    record: dict, line: str, recorded: Recorded
) -> None:
    idpool = recorded(record)
    result = idpool.run_process("init", "github")
    assert result.code == 0, result.text
    assert installed(idpool.folder) == [line]
    assert ("hatchling" in needs(idpool.folder)) == line.startswith("git+")


def test_the_default_can_be_a_wheel_of_the_repository(recorded: Recorded, tmp_path: Path) -> None:
    found = wheel_in(tmp_path / "shop")
    url = (tmp_path / "shop" / "wheels" / WHEEL).as_uri()
    idpool = recorded({"url": url, "archive_info": {"hashes": {"sha256": found}}})
    result = idpool.run_process("init", "github")
    assert result.code == 0, result.text
    assert installed(idpool.folder) == [f"./wheels/{WHEEL} --hash=sha256:{found}"]


NOTHING: dict[str, tuple[Any, str]] = {
    "an index": (None, "it came from an index"),
    "an editable install": (
        {"url": "file:///srv/idpool", "dir_info": {"editable": True}},
        "it is an editable install of a folder",
    ),
    "a folder": ({"url": "file:///srv/idpool", "dir_info": {}}, "it was built from a folder"),
    "a wheel without its hash": (
        {"url": URL, "archive_info": {}},
        "it came from a wheel whose hash is not recorded",
    ),
    "a wheel elsewhere": (
        {"url": f"file:///srv/{WHEEL}", "archive_info": {"hashes": {"sha256": HASH}}},
        f"it came from '/srv/{WHEEL}#sha256={HASH}', which is not there",
    ),
    "a source archive": (
        {"url": f"{AT}-0.1.0.tar.gz", "archive_info": {"hashes": {"sha256": HASH}}},
        "which is no wheel",
    ),
    "a folder of a repository": (git_record(subdirectory="python"), "a folder of a repository"),
    "a repository on this machine": (git_record("file:///srv/idpool"), "which is not like git+"),
    "a password": (git_record("https://jane:hush@h.example/x"), "which is not like git+https://"),
    "another system": (
        {"url": AT, "vcs_info": {"vcs": "hg", "commit_id": COMMIT}},
        "says nothing of a commit or a hash",
    ),
    "a commit that is none": (
        {"url": AT, "vcs_info": {"vcs": "git", "commit_id": "main"}},
        "which does not end in @ and a full commit",
    ),
    "a damaged file": ("{", "it has a damaged direct_url.json"),
    "a list": ([], "says nothing of a commit or a hash"),
}


@pytest.mark.parametrize("case", NOTHING)
def test_where_the_metadata_says_nothing_of_use_init_asks(case: str, recorded: Recorded) -> None:
    """And writes nothing."""
    record, told = NOTHING[case]
    idpool = recorded(record)
    result = idpool.run_process("init", "github")
    assert result.code == 64, result.text
    assert result.err.startswith("error: give --from, such as git+https://HOST/PATH@COMMIT: ")
    assert told in result.err
    assert "hush" not in result.text
    assert "Traceback" not in result.text
    assert not list(idpool.folder.iterdir())


def test_an_idpool_without_its_locks_says_so(idpool: Idpool, tmp_path: Path) -> None:
    place = tmp_path / "site" / "idpool-0.1.0.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text("Metadata-Version: 2.4\nName: idpool\nVersion: 0.1.0\n")
    bare = Idpool(idpool.folder, clean_environment(PYTHONPATH=str(place.parent)))
    result = bare.run_process("init", "github", *FROM)
    assert result.code == 64, result.text
    assert "came without its runtime.txt" in result.err
    assert not list(idpool.folder.iterdir())


def test_every_pipeline_installs_by_the_same_lines() -> None:
    """From the files that init writes, so that both are renewed in one place."""
    steps = [step for path in WORKFLOWS for step in steps_of(path)]
    lines = {step["run"] for step in steps if "pip install" in step.get("run", "")}
    (template,) = [path for path in GITLAB if path.name == "idpool.yml"]
    first = read_yaml(template)[".idpool"]["before_script"][0]
    assert lines == {first.replace(".gitlab/", ".github/")}
    assert set(re.findall(r"-r (\S+)", first)) == {
        f".gitlab/idpool/{name}.txt" for name in ("idpool", "needs")
    }
    assert all("Install idpool" in [s.get("name") for s in steps_of(path)] for path in WORKFLOWS)


class Machine:
    """A bare environment on a machine without an index; what idpool needs is lent to it."""

    def __init__(self, home: Path, borrowed: Path, **more: str) -> None:
        self.folder = home / "shop"
        self.folder.mkdir(parents=True)
        venv.create(home / "venv", with_pip=True, symlinks=True)
        self.bin = home / "venv" / "bin"
        self.environment = {
            "HOME": str(home),
            "PIP_NO_INDEX": "1",
            "PIP_CONFIG_FILE": os.devnull,
            "PYTHONPATH": str(borrowed),
            **more,
        }
        self.path = f"{self.bin}{os.pathsep}{os.environ['PATH']}"

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(self.bin / command[0]), *command[1:]],
            cwd=self.folder,
            env={**self.environment, "PATH": self.path},
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )

    def install_as_pipelines_do(self) -> str:
        """Run the step of the workflow in the folder: "" or what has gone wrong."""
        steps = steps_of(self.folder / ".github/workflows/idpool-plan.yml")
        (step,) = [each for each in steps if each.get("name") == "Install idpool"]
        ran = Runner(self.folder, self.folder.parent, self.environment).run(step, PATH=self.path)
        return ran.text if ran.code else ""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built from a copy of it."""
    folder = tmp_path_factory.mktemp("built")
    command = ["-m", "pip", "wheel", "--no-deps", "--no-index", "--no-build-isolation"]
    where = ["--wheel-dir", str(folder), str(_repository(folder))]
    subprocess.run([sys.executable, *command, *where], check=True, capture_output=True, timeout=100)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _repository(folder: Path) -> Path:
    """This checkout's files as a repository of one commit."""
    place = folder / "repository"
    files = ["pyproject.toml", "README.md", "LICENSE", "requirements", "reconciler"]
    place.mkdir()
    subprocess.run(["cp", "-R", *files, str(place)], cwd=ROOT, check=True)
    author = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "idpool"]):
        subprocess.run(["git", *author, *words], cwd=place, check=True, capture_output=True)
    return place


@pytest.mark.slow
def test_a_wheel_is_installed_by_pipelines_as_it_was_here(
    built: Path, borrowed: Path, tmp_path: Path
) -> None:
    """pip records the hash, init writes it, and the pipeline's pip takes no other file."""
    here = Machine(tmp_path / "here", borrowed)
    wheel = here.folder / "wheels" / built.name
    wheel.parent.mkdir()
    wheel.write_bytes(built.read_bytes())
    done = here.run("python", "-m", "pip", "install", "--no-deps", f"wheels/{wheel.name}")
    assert done.returncode == 0, done.stderr
    init = here.run("idpool", "init", "github", "--owner", "x")
    assert init.returncode == 0, init.stderr
    found = hashlib.sha256(built.read_bytes()).hexdigest()
    assert installed(here.folder) == [f"./wheels/{wheel.name} --hash=sha256:{found}"]

    there = Machine(tmp_path / "there", borrowed)
    here.folder.rename(there.folder.with_name("moved"))
    there.folder = there.folder.with_name("moved")
    assert there.install_as_pipelines_do() == ""
    assert there.run("idpool", "validate").returncode == 0
    there.run("python", "-m", "pip", "uninstall", "--yes", "idpool")
    with (there.folder / "wheels" / wheel.name).open("ab") as file:
        file.write(b"\0")
    assert "DO NOT MATCH THE HASHES" in there.install_as_pipelines_do()


@pytest.mark.slow
def test_a_repository_is_installed_by_pipelines_as_it_was_here(
    borrowed: Path, tmp_path: Path
) -> None:
    """Built with what the lock has, and with nothing that pip would fetch."""
    repository = _repository(tmp_path)
    git = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{repository}.insteadOf",
        "GIT_CONFIG_VALUE_0": AT,
    }
    head = ["git", "rev-parse", "HEAD"]
    commit = subprocess.check_output(head, cwd=repository, text=True).strip()
    machine = Machine(tmp_path / "machine", borrowed, **git)
    options = ["--no-deps", "--no-build-isolation"]
    done = machine.run("python", "-m", "pip", "install", *options, f"git+{AT}")
    assert done.returncode == 0, done.stderr
    init = machine.run("idpool", "init", "github", "--owner", "x")
    assert init.returncode == 0, init.stderr
    assert installed(machine.folder) == [f"git+{AT}@{commit}"]
    machine.run("python", "-m", "pip", "uninstall", "--yes", "idpool")
    assert machine.install_as_pipelines_do() == ""
    assert machine.run("idpool", "validate").returncode == 0
