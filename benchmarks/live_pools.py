"""The live pools that a plan of a repository finds unchanged, computed by idpool's own model."""

from pathlib import Path
from typing import Any

from reconciler.executor.requests import roles_request, settings_request
from reconciler.loader.project import load_project
from reconciler.loader.specs import load_specs
from reconciler.planner.desired import desired_pool


def live_pools(folder: Path) -> list[dict[str, Any]]:
    """Each spec's pool as CreateIdentityPool and SetIdentityPoolRoles would have made it."""
    project = load_project(folder / "idpool.yaml")
    specs = load_specs([folder / "specs"], project).specs
    pools = (desired_pool(spec, project, live=None) for spec in specs)
    return [{"settings": settings_request(pool), "roles": roles_request(pool)} for pool in pools]
