"""What is exported: pools with the ids that are known, and what has no place elsewhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.model.pool import Pool
from reconciler.model.secrets import holds_secret
from reconciler.model.spec import Lifecycle, Spec


@dataclass(frozen=True, slots=True)
class ExportedPool:
    """One pool: its name and source for people, its fields, its id where it is known."""

    name: str
    source: str
    pool: Pool
    lifecycle: Lifecycle
    pool_id: str | None = None

    @property
    def sets_roles(self) -> bool:
        """Whether Roles and RoleMappings are managed."""
        return self.pool.manages_roles

    @property
    def holds_secret(self) -> bool:
        """Whether its text must not be shown."""
        return any(holds_secret(*item) for item in self.pool.SupportedLoginProviders.items())


@dataclass(frozen=True, slots=True)
class Export:
    """What came of the specs.

    ``text``: the template or configuration; ``imports``: a file for CloudFormation's import, ""
    where there is none; ``notes`` and ``steps``: lines of plain text.
    """

    text: str
    holds_secret: bool
    notes: tuple[str, ...]
    steps: tuple[str, ...]
    imports: str = ""


def exported_pool(spec: Spec, pool_id: str | None) -> ExportedPool:
    """A spec as it is exported."""
    return ExportedPool(
        name=spec.name,
        source=spec.source.file,
        pool=spec.pool,
        lifecycle=spec.lifecycle,
        pool_id=pool_id,
    )


def any_secret(pools: Sequence[ExportedPool]) -> bool:
    """Whether the text must not be shown."""
    return any(each.holds_secret for each in pools)


def not_carried(pools: Sequence[ExportedPool]) -> Iterator[str]:
    """What specs say and templates of others cannot."""
    for each in pools:
        if each.pool.PrincipalTagAttributeMaps == {}:
            yield (
                f"{each.name}: PrincipalTagAttributeMaps without a tag is not exported: there is "
                "no resource for having none."
            )
    without = [each.name for each in pools if each.pool_id is None]
    if without:
        yield f"No id is known for: {', '.join(without)}. Give it with --id NAME=ID."
