"""How one sandbox is to behave."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from reconciler.sandbox.errors import SandboxHostError, SandboxRateError

UpdateSemantics = Literal["aws", "reset", "keep"]


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """The settings of one `SandboxServer`.

    `file` holds the state between runs; None keeps it in memory. `update_semantics` says what
    UpdateIdentityPool does to a field that a call leaves out: `aws` is as measured, some fields
    wiped and others kept; `reset` wipes all of them, as the API reference says, and `keep` none,
    so that a client can be tried at both ends. `rate_limits` enforces the documented
    requests per second of each operation; `rate` is one bucket for all of cognito-identity, in
    requests per second. `pool_quota` counts identity pools per account and region.

    Raises SandboxHostError for a host that is not a loopback address, and SandboxRateError for
    a rate that is not above zero.
    """

    file: Path | None
    update_semantics: UpdateSemantics = "aws"
    host: str = "127.0.0.1"
    port: int = 0
    rate_limits: bool = False
    rate: float | None = None
    pool_quota: int = 1000

    def __post_init__(self) -> None:
        if not _is_loopback(self.host):
            raise SandboxHostError(self.host)
        if self.rate is not None and not self.rate > 0:  # not-a-number included
            raise SandboxRateError(self.rate)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
