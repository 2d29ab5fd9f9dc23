"""What a conversion gives: specs, findings, and how the pools are handed over."""

from dataclasses import dataclass

from reconciler.model.findings import Finding
from reconciler.model.pool import Pool, canonical_pool
from reconciler.model.secrets import holds_secret
from reconciler.model.spec import PoolDocument, spec_as_api


@dataclass(frozen=True, slots=True)
class ConvertedPool:
    """One spec: the document, and its text with secrets in clear."""

    document: PoolDocument
    text: str

    @property
    def name(self) -> str:
        """``metadata.name``."""
        return self.document.metadata.name

    @property
    def pool(self) -> Pool:
        """What the document describes, in canonical form."""
        return canonical_pool(spec_as_api(self.document.spec))

    @property
    def holds_secret(self) -> bool:
        """Whether the text must not be shown."""
        logins = self.pool.SupportedLoginProviders
        return any(holds_secret(provider, value) for provider, value in logins.items())


@dataclass(frozen=True, slots=True)
class Conversion:
    """What came of one file.

    ``notes`` and ``steps`` are lines of plain text: what one should know, and what is to be done
    so that the other tool lets go of the pools without deleting them.
    """

    pools: tuple[ConvertedPool, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether nothing kept a pool from becoming a spec."""
        return not any(finding.severity == "error" for finding in self.findings)
