"""YAML text -> positions -> schema -> documents; every error with its place and its fix."""

from reconciler.loader.git import git_commit, git_remote_path, git_root
from reconciler.loader.project import find_project, load_project
from reconciler.loader.records import load_drift_state, load_journal, load_receipt, read_journal
from reconciler.loader.rule_ids import RuleId
from reconciler.loader.saved_plans import is_saved_plan, load_consumption, load_saved_plan
from reconciler.loader.schema import schema_text
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
