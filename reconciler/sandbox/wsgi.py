"""The HTTP application: moto's own, with one service answered by this package."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from moto.backends import list_of_moto_modules
from moto.core.request import Request
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.wrappers import Response

from reconciler.sandbox.limits import Limiter
from reconciler.sandbox.responses import Service, is_lookup, sync_is_closed
from reconciler.sandbox.store import FileStore, MemoryStore

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Flask
    from moto.backends import SERVICE_NAMES

    from reconciler.sandbox.settings import SandboxSettings

TARGET_PREFIX = "AWSCognitoIdentityService."
TAGGING_PREFIX = "ResourceGroupsTaggingAPI_20170126."

_S3_SCOPE = "/s3/aws4_request"
_SYNC_SCOPE = "/cognito-sync/aws4_request"
_ACCOUNT_KEY = re.compile(r"Credential=(\d{12})(?:/|%2F)")


class _UnknownService(LookupError):
    """A request for a service that moto does not know."""


class Application(DomainDispatcherApplication):
    """Routes cognito-identity, tagging and LookupEvents to our own service, all else to moto."""

    def __init__(self, service: Service) -> None:
        super().__init__(_backend_app)
        self._service = service
        self._s3_turn = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        name_account(environ)
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        if target.startswith(TARGET_PREFIX) or is_lookup(target):
            return self._service.answer(Request(environ))(environ, start_response)
        if target.startswith(TAGGING_PREFIX):
            from reconciler.sandbox import tagging

            return tagging.answer(Request(environ), self._service)(environ, start_response)
        if _SYNC_SCOPE in environ.get("HTTP_AUTHORIZATION", ""):
            return sync_is_closed()(environ, start_response)
        if _S3_SCOPE in environ.get("HTTP_AUTHORIZATION", ""):
            # moto looks and then writes; S3 decides a conditional write in one step.
            with self._s3_turn:
                return self._by_moto(environ, start_response)
        return self._by_moto(environ, start_response)

    def _by_moto(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        app: WSGIApplication
        try:
            app = self.get_application(environ)
        except ImportError as error:
            app = _without_package(environ, error)
        except _UnknownService:
            app = _unknown(environ)
        except (AttributeError, LookupError, TypeError, ValueError):
            # moto guesses from the headers, and fails where one is missing.
            app = Response("the sandbox cannot tell which service this is for", 500)
        return app(environ, start_response)

    def get_backend_for_host(self, host: str | None) -> Any:
        """moto's, but for a host that it does not know, of which it tells stdout."""
        if host is not None and not self._knows(host):
            raise _UnknownService(host)
        return super().get_backend_for_host(host)

    def _knows(self, host: str) -> bool:
        if host == "moto_api" or host in set(list_of_moto_modules()):
            return True
        return any(pattern.match(f"http://{host}") for _, pattern in self.backend_url_patterns)


def _backend_app(service: SERVICE_NAMES) -> Flask:
    """moto's application of one service, which answers also where moto fails.

    moto may raise anything, and Flask's own boundary makes an HTTP 500 of it unless it is told to
    let it through, as moto's debug mode does.
    """
    app = create_backend_app(service)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.register_error_handler(NotImplementedError, _not_implemented)
    app.register_error_handler(ImportError, _package_missing)
    return app


# What is seldom asked for is imported when it is.


def _not_implemented(error: NotImplementedError) -> Response:
    from flask import request

    from reconciler.sandbox.unserved import not_served

    return not_served(request.environ, str(error))


def _package_missing(error: ImportError) -> Response:
    """moto imports some packages only where a call needs them."""
    from flask import request

    return _without_package(request.environ, error)


def _without_package(environ: WSGIEnvironment, error: ImportError) -> Response:
    from reconciler.sandbox.unserved import package_missing

    return package_missing(environ, error.name)


def _unknown(environ: WSGIEnvironment) -> Response:
    from reconciler.sandbox.unserved import unknown_service

    return unknown_service(environ)


def application(settings: SandboxSettings) -> Application:
    """The application for these settings. Raises SandboxStateError for a bad state file."""
    store = FileStore(settings.file) if settings.file else MemoryStore()
    with store.open():
        pass  # A bad file is an error of the start, not of the first request.
    return Application(Service(settings, store, Limiter(settings)))


def name_account(environ: WSGIEnvironment) -> None:
    """Tells moto the account if the access key id is one: twelve digits, as in LocalStack."""
    signed = environ.get("HTTP_AUTHORIZATION", "") + environ.get("QUERY_STRING", "")
    found = _ACCOUNT_KEY.search(signed)
    if found:
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = found[1]
