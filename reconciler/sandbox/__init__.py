"""The sandbox: moto, taught the rules of Cognito identity pools, over HTTP on loopback.

Importing this package is cheap; moto and its like are imported when a server starts.
"""

from reconciler.sandbox.errors import (
    SandboxError,
    SandboxHostError,
    SandboxMissing,
    SandboxPortError,
    SandboxRateError,
    SandboxResetError,
    SandboxStateError,
)
from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings, UpdateSemantics
from reconciler.sandbox.store import reset

__all__ = [
    "SandboxError",
    "SandboxHostError",
    "SandboxMissing",
    "SandboxPortError",
    "SandboxRateError",
    "SandboxResetError",
    "SandboxServer",
    "SandboxSettings",
    "SandboxStateError",
    "UpdateSemantics",
    "reset",
]
