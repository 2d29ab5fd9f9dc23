"""What is exported: pools with the ids that are known, and what has no place elsewhere."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.model.pool import Pool
from reconciler.model.secrets import holds_secret
from reconciler.model.spec import Spec


@dataclass(frozen=True, slots=True)
class ExportedPool:
    """One pool: its spec, and its id where it is known."""

    spec: Spec
    pool_id: str | None = None

    @property
    def name(self) -> str:
        """``metadata.name``."""
        return self.spec.name

    @property
    def pool(self) -> Pool:
        """What the spec describes."""
        return self.spec.pool

    @property
    def holds_secret(self) -> bool:
        """Whether its text must not be shown."""
        return any_secret(self.pool)


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


def any_secret(pool: Pool) -> bool:
    """Whether a text with all values of the pool must not be shown."""
    return any(holds_secret(*item) for item in pool.SupportedLoginProviders.items())


def short_hash(text: str) -> str:
    """Six signs that tell names apart whose letters and digits are the same."""
    return hashlib.sha256(text.encode()).hexdigest()[:6]


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
