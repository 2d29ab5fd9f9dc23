"""The HTTP session that python-gitlab talks through."""

from collections.abc import Mapping
from typing import Any

import requests


class LeftTheServer(requests.RequestException):
    """A request would have gone to another server, with the token."""


class GitlabSession(requests.Session):
    """Follows no redirect, goes nowhere but below one URL, keeps the headers of the last answer.

    ``requests`` takes only ``Authorization`` off a redirected request, and GitLab's token travels
    in ``PRIVATE-TOKEN``.  python-gitlab's errors lack the headers, which say how long to wait.
    """

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base = f"{base_url}/"
        self.answered: Mapping[str, str] = {}

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send one request.  Raises ``LeftTheServer`` before it would go elsewhere."""
        self.answered = {}
        if not (request.url or "").startswith(self._base):
            raise LeftTheServer
        response = super().send(request, **{**kwargs, "allow_redirects": False})
        self.answered = response.headers
        return response
