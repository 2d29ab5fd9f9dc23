"""What a document says of itself first: ``apiVersion`` and ``kind``."""

from typing import Final

API_VERSION: Final = "idpool/v1"
POOL_KIND: Final = "IdentityPool"
PROJECT_KIND: Final = "Project"
