"""YAML text -> positions -> schema -> documents; every error with its place and its fix.

A module of this room is imported when something of it is asked for: ``validate`` needs neither
receipts nor saved plans, nor the models of what is in them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from reconciler.loader.git import git_commit, git_remote_path, git_root
    from reconciler.loader.project import find_project, load_project
    from reconciler.loader.records import load_drift_state, load_journal, load_receipt, read_journal
    from reconciler.loader.rule_ids import RuleId
    from reconciler.loader.saved_plans import is_saved_plan, load_consumption, load_saved_plan
    from reconciler.loader.schema_texts import schema_text
    from reconciler.loader.specs import Loaded, load_specs

__all__ = [
    "Loaded",
    "RuleId",
    "find_project",
    "git_commit",
    "git_remote_path",
    "git_root",
    "is_saved_plan",
    "load_consumption",
    "load_drift_state",
    "load_journal",
    "load_project",
    "load_receipt",
    "load_saved_plan",
    "load_specs",
    "read_journal",
    "schema_text",
]

_MODULES: Final = {
    "Loaded": "specs",
    "RuleId": "rule_ids",
    "find_project": "project",
    "git_commit": "git",
    "git_remote_path": "git",
    "git_root": "git",
    "is_saved_plan": "saved_plans",
    "load_consumption": "saved_plans",
    "load_drift_state": "records",
    "load_journal": "records",
    "load_project": "project",
    "load_receipt": "records",
    "load_saved_plan": "saved_plans",
    "load_specs": "specs",
    "read_journal": "records",
    "schema_text": "schema_texts",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
