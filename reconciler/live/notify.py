"""Telling of drift: JSON to a URL, or a message to an SNS topic; once, in bounded time."""

import ssl
import urllib.request
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.session import Session
from urllib3 import PoolManager, ProxyManager, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from reconciler.bounded_answers import bound_answers
from reconciler.live.failures import FAILURES, codes, problem_of
from reconciler.model.notify import NotNotified, Receiver

_TIMEOUT = Timeout(connect=5.0, read=10.0)
_DONE, _REDIRECTS, _FAILURES = 200, 300, 400
_LONGEST_ANSWER = 64 * 1024
_REASONS: tuple[tuple[type[HTTPError], str], ...] = (
    (SSLError, "its certificate or its TLS is not accepted"),
    # Before its base: a refused connection is no matter of time.
    (NewConnectionError, "it cannot be reached"),
    (ConnectTimeoutError, "it did not take the connection in time"),
    (ReadTimeoutError, "it did not answer in time; it may have been told all the same"),
    (ProxyError, "the proxy cannot be reached"),
)


def post_json(receiver: Receiver, body: str) -> None:
    """POST a JSON text.  Raises ``NotNotified``.

    Redirects are not followed: they would lead to somebody whom the user has not named.  Nothing is
    repeated, since a message that was answered late would arrive twice.
    """
    bound_answers()
    url = receiver.address
    with _manager(url) as manager:
        try:
            answer = manager.request(
                "POST",
                url,
                body=body.encode(),
                headers={"Content-Type": "application/json; charset=utf-8"},
                timeout=_TIMEOUT,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            answer.read(_LONGEST_ANSWER)
        except HTTPError as failure:
            # `from None`: urllib3's messages quote the URL's path.
            raise NotNotified(receiver.shown, _reason(failure)) from None
    _require_success(receiver, answer.status)


def _manager(url: str) -> PoolManager:
    """With the proxy of the environment, as botocore has it."""
    parts = urlsplit(url)
    context = ssl.create_default_context()
    proxy = urllib.request.getproxies().get(parts.scheme)
    if proxy and not urllib.request.proxy_bypass(parts.hostname or ""):
        return ProxyManager(proxy, ssl_context=context)
    return PoolManager(ssl_context=context)


def _require_success(receiver: Receiver, status: int) -> None:
    if _DONE <= status < _REDIRECTS:
        return
    if _REDIRECTS <= status < _FAILURES:
        reason = f"it redirects (HTTP {status}), and redirects are not followed"
        raise NotNotified(receiver.shown, reason, "name the URL that it redirects to")
    raise NotNotified(receiver.shown, f"it answered HTTP {status}")


def _reason(failure: HTTPError) -> str:
    for kind, reason in _REASONS:
        if isinstance(failure, kind):
            return reason
    return f"the connection broke ({type(failure).__name__})"


def publish(receiver: Receiver, subject: str, message: str) -> None:
    """Publish once, in the region of the topic.  Raises ``NotNotified``.

    Not with a target's role: the topic belongs to whoever runs the job.
    """
    bound_answers()
    try:
        client: Any = Session().create_client(
            "sns",
            region_name=receiver.region,
            config=Config(
                retries={"total_max_attempts": 1, "mode": "standard"},
                connect_timeout=5,
                read_timeout=10,
            ),
        )
        with closing(client):
            client.publish(TopicArn=receiver.address, Subject=subject, Message=message)
    except FAILURES as failure:
        problem = problem_of(failure, operation="Publish", target="")
        denied = problem.code in codes("denied")
        hint = "allow sns:Publish on the topic to who runs idpool" if denied else ""
        raise NotNotified(receiver.shown, str(problem), hint or problem.hint) from failure
