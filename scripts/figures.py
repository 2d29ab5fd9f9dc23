"""Count what shows whether the house stays simple: `make figures`; with --check, for CI.

Everything is read from the source by its syntax tree. Only `plan_files` runs something: a plan of
one changed spec against a sandbox in another process.
"""

from __future__ import annotations

import ast
import io
import json
import statistics
import subprocess
import sys
import tempfile
import tokenize
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "reconciler"

LONGEST_MODULE: Final = 400
LONG_MODULE: Final = 350
COMPLEX: Final = 10
ONE_IN: Final = 8  # at most one module in so many serves a single other module of its own room
LAZY_ROOMS: Final = ("cli", "flows")
NOT_CODE: Final = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


@dataclass(frozen=True)
class Module:
    """One source file.

    Attributes:
        name: Its dotted name, a package's `__init__` by the package's.
        lines: All its lines.
        tree: Its syntax tree.
        code_lines: Lines that hold code: no blank line, comment or docstring.
    """

    name: str
    lines: int
    tree: ast.Module
    code_lines: int
    is_package: bool

    @property
    def room(self) -> str:
        """The folder under the package: "" for what lies beside the rooms."""
        _, *inner = self.name.split(".")
        return inner[0] if len(inner) > 1 or (inner and self.is_package) else ""


def modules(root: Path = ROOT) -> dict[str, Module]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in sorted((root / PACKAGE).rglob("*.py")):
        text = path.read_text()
        parts = list(path.relative_to(root).with_suffix("").parts)
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        tree = ast.parse(text)
        found[name] = Module(
            name, len(text.splitlines()), tree, _code_lines(text, tree), is_package
        )
    return found


def _code_lines(text: str, tree: ast.Module) -> int:
    docstrings: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            docstrings.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in NOT_CODE:
            code.update(range(token.start[0], token.end[0] + 1))
    return len(code - docstrings)


def imports(house: dict[str, Module]) -> dict[str, set[str]]:
    """The modules that each module imports, wherever the import stands.

    What a package's `__init__` hands on counts as the module that it stands for, and so does a
    name given to `importlib.import_module`.
    """
    handed_on = {m.name: _handed_on(m, house) for m in house.values() if m.is_package}
    return {
        name: {t for t in _targets(module, house, handed_on) if t != name}
        for name, module in house.items()
    }


def _handed_on(package: Module, house: dict[str, Module]) -> dict[str, str]:
    return {
        alias.asname or alias.name: node.module
        for node in ast.walk(package.tree)
        if isinstance(node, ast.ImportFrom) and node.module in house
        for alias in node.names
    }


def _targets(
    module: Module, house: dict[str, Module], handed_on: dict[str, dict[str, str]]
) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name in house)
        elif isinstance(node, ast.ImportFrom) and node.module in house:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield (
                    inner
                    if inner in house
                    else handed_on.get(node.module, {}).get(alias.name, node.module)
                )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # What is imported by its name, "package.module:name".
            name = node.value.partition(":")[0]
            if name.startswith(f"{PACKAGE}.") and name in house:
                yield name


def lone(house: dict[str, Module], arrows: dict[str, set[str]]) -> list[str]:
    """Modules whose only importer is one module of their own room."""
    importers: dict[str, set[str]] = defaultdict(set)
    for name, found in arrows.items():
        for target in found:
            importers[target].add(name)
    return sorted(
        name
        for name, by in importers.items()
        if len(by) == 1 and house[name].room == house[next(iter(by))].room != ""
    )


def circles(arrows: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that import each other in a loop (Tarjan)."""
    numbers: dict[str, int] = {}
    lows: dict[str, int] = {}
    path: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        numbers[name] = lows[name] = len(numbers)
        path.append(name)
        for target in sorted(arrows[name]):
            if target not in numbers:
                visit(target)
                lows[name] = min(lows[name], lows[target])
            elif target in path:
                lows[name] = min(lows[name], numbers[target])
        if lows[name] == numbers[name]:
            place = path.index(name)
            if len(path) - place > 1:
                found.append(path[place:])
            del path[place:]

    for name in sorted(arrows):
        if name not in numbers:
            visit(name)
    return found


def street(root: Path = ROOT) -> list[str]:
    """The rooms as import-linter is told them, from the end that imports all others."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["type"] == "layers")
    return [layer.removeprefix(f"{PACKAGE}.") for layer in layers]


def arrows_up(house: dict[str, Module], arrows: dict[str, set[str]]) -> list[str]:
    """Imports of a room by one that stands behind it in the street."""
    floor = {room: number for number, room in enumerate(reversed(street()))}
    return sorted(
        f"{name} -> {target}"
        for name, found in arrows.items()
        for target in found
        if floor.get(house[target].room, -1) > floor.get(house[name].room, len(floor))
    )


def lazy_imports(house: dict[str, Module]) -> dict[str, int]:
    """Imports inside functions, by module."""
    counts = {
        name: sum(
            isinstance(node, ast.Import | ast.ImportFrom)
            for function in ast.walk(module.tree)
            if isinstance(function, ast.FunctionDef)
            for node in function.body
        )
        for name, module in house.items()
    }
    return {name: count for name, count in counts.items() if count}


def functions(house: dict[str, Module]) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every function with its module."""
    for name, module in house.items():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef):
                yield name, node


def lines_of(function: ast.FunctionDef) -> int:
    """The lines of a function's body without its docstring."""
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def without_docstring(house: dict[str, Module]) -> list[str]:
    """Public names that do not say what they are."""
    found = []
    for name, module in house.items():
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.FunctionDef | ast.ClassDef)
                and not node.name.startswith("_")
                and ast.get_docstring(node) is None
                and node in module.tree.body
            ):
                found.append(f"{name}.{node.name}")
    return found


def too_complex() -> int:
    """Functions of a cyclomatic complexity above the bound, as ruff counts it."""
    ruff = Path(sys.executable).with_name("ruff")
    settings = f"lint.mccabe.max-complexity={COMPLEX}"
    done = subprocess.run(
        [
            *(str(ruff), "check", "--isolated", "--select", "C901", "--config", settings),
            *("--quiet", "--output-format", "json", PACKAGE),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return len(json.loads(done.stdout))


def places_of(number: int, name: str, house: dict[str, Module]) -> list[str]:
    """Where a default stands: assignments and arguments of this name and number."""
    found = []
    for module_name, module in house.items():
        for node in ast.walk(module.tree):
            pairs: Iterable[tuple[str, ast.expr | None]] = ()
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                pairs = [(node.target.id, node.value)]
            elif isinstance(node, ast.FunctionDef):
                arguments = [*node.args.args, *node.args.kwonlyargs]
                defaults = [*node.args.defaults, *node.args.kw_defaults]
                pairs = zip((a.arg for a in arguments[-len(defaults) :]), defaults, strict=False)
            found += [
                module_name
                for key, value in pairs
                if key.lower() == name and isinstance(value, ast.Constant) and value.value == number
            ]
    return found


_PLANNED: Final = """
import sys, os
seen = set()
def look(frame, event, _):
    if event == "call" and frame.f_code.co_flags & 2:  # CO_NEWLOCALS: no module, no class body
        seen.add(frame.f_code.co_filename)
import threading
from reconciler.cli.main import run
sys.setprofile(look)
threading.setprofile(look)
run(["plan", *sys.argv[2:]])
sys.setprofile(None)
own = [f for f in seen if "/reconciler/" in f and "/sandbox/" not in f]
open(sys.argv[1], "w").write("\\n".join(sorted(own)))
"""


_SPEC: Final = """\
apiVersion: idpool/v1
kind: IdentityPool
metadata: {{name: shop}}
spec: {{IdentityPoolName: shop, AllowUnauthenticatedIdentities: {}}}
"""


def plan_files() -> list[str]:
    """The files in which a function runs while one changed spec is planned, but the sandbox's."""
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder, "shop.yaml")
        told = Path(folder, "files")
        words = [f"--sandbox={folder}/state.json", str(spec)]
        spec.write_text(_SPEC.format("false"), encoding="utf-8")
        _run([sys.executable, "-m", "idpool", "apply", "--yes", *words], folder)
        spec.write_text(_SPEC.format("true"), encoding="utf-8")
        _run([sys.executable, "-c", _PLANNED, str(told), *words], folder)
        return told.read_text(encoding="utf-8").split("\n")


def _run(words: list[str], folder: str) -> None:
    subprocess.run(words, cwd=folder, stdout=subprocess.DEVNULL, check=True)


def broken(house: dict[str, Module], arrows: dict[str, set[str]]) -> Iterator[str]:
    """What must not be, a sentence each."""
    for circle in circles(arrows):
        yield f"a circle: {' -> '.join(circle)}"
    for arrow in arrows_up(house, arrows):
        yield f"an arrow up the street: {arrow}"
    for module in house.values():
        if module.lines > LONGEST_MODULE:
            yield f"{module.name} has {module.lines} lines, and {LONGEST_MODULE} are the most"
    alone = lone(house, arrows)
    if len(alone) > len(house) // ONE_IN:
        yield f"{len(alone)} modules serve one other of their room: {', '.join(alone)}"
    places = places_of(16, "parallelism", house)
    if len(places) != 1:
        yield f"the default parallelism stands in {len(places)} places: {', '.join(places)}"


def main() -> int:
    """Print the figures, or with --check what is broken."""
    house = modules()
    arrows = imports(house)
    wrong = list(broken(house, arrows))
    if "--check" not in sys.argv:
        report(house, arrows)
    for sentence in wrong:
        sys.stderr.write(f"error: {sentence}\n")
    return 1 if wrong else 0


def report(house: dict[str, Module], arrows: dict[str, set[str]]) -> None:
    """Print every figure, a line each."""
    lazy = lazy_imports(house)
    lengths = sorted(lines_of(function) for _, function in functions(house))
    longest = max(house.values(), key=lambda module: module.lines)
    elsewhere = sum(n for name, n in lazy.items() if house[name].room not in LAZY_ROOMS)
    rows = (
        ("code lines", sum(module.code_lines for module in house.values())),
        ("modules", len(house)),
        ("largest module", f"{longest.lines} ({longest.name})"),
        (f"modules over {LONG_MODULE} lines", sum(m.lines > LONG_MODULE for m in house.values())),
        ("modules with one importer, in their own room", len(lone(house, arrows))),
        ("places of the default parallelism", len(places_of(16, "parallelism", house))),
        ("imports inside functions", f"{sum(lazy.values())} in {len(lazy)} files"),
        ("... of these outside of cli and flows", elsewhere),
        ("files in which a plan of one changed spec runs", len(plan_files())),
        ("function lines, median", statistics.median(lengths)),
        ("function lines, 90th percentile", lengths[len(lengths) * 9 // 10]),
        ("function lines, longest", lengths[-1]),
        (f"functions over complexity {COMPLEX}", too_complex()),
        ("public names without docstring", len(without_docstring(house))),
        ("circles", len(circles(arrows))),
        ("arrows up the street", len(arrows_up(house, arrows))),
    )
    for name, value in rows:
        sys.stdout.write(f"{name:50} {value}\n")


if __name__ == "__main__":
    sys.exit(main())
