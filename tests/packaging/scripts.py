"""The scripts of the repository as modules, so that tests can ask them."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Final

ROOT: Final = Path(__file__).parents[2]


def script(name: str) -> Path:
    """Where a script lies."""
    return ROOT / "scripts" / f"{name}.py"


def loaded(name: str) -> ModuleType:
    """The script as a module, without running it."""
    spec = spec_from_file_location(f"scripts_{name}", script(name))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[module.__name__] = module  # its dataclasses look for their module there
    spec.loader.exec_module(module)
    return module
