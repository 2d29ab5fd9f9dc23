"""The HTTP application: moto's own, with one service answered by this package."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Iterable
from contextlib import nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader
from flask import request
from moto.backends import list_of_moto_modules
from moto.core.exceptions import ServiceException
from moto.core.request import Request
from moto.iam.models import get_account_id_from
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.wrappers import Response

from reconciler.sandbox.faults import ApiError
from reconciler.sandbox.limits import RequestLimiter
from reconciler.sandbox.lookups import lookup_of, seeded
from reconciler.sandbox.pools import AccountRegion
from reconciler.sandbox.responses import (
    IdentityResponse,
    Service,
    answer_tagging,
    answered,
    error_answer,
    is_lookup,
)
from reconciler.sandbox.roles import PlantedRoles
from reconciler.sandbox.seeds import DEFAULT_REGION
from reconciler.sandbox.store import FileStore, Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Flask
    from moto.backends import SERVICE_NAMES

    from reconciler.sandbox.settings import SandboxSettings


_CODE = "NotImplementedException"
_STATUS = 501
_SCOPE_PARTS = 5
_QUERY = (
    "<ErrorResponse><Error><Type>Receiver</Type><Code>{code}</Code><Message>{message}</Message>"
    "</Error><RequestId>{id}</RequestId></ErrorResponse>"
)
_EC2 = (
    "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
    "<RequestID>{id}</RequestID></Response>"
)
TARGET_PREFIX = "AWSCognitoIdentityService."
TAGGING_PREFIX = "ResourceGroupsTaggingAPI_20170126."
_ACCOUNT_KEY = re.compile(r"Credential=(\d{12})(?:/|%2F)")


def package_missing(environ: WSGIEnvironment, error: ImportError) -> Response:
    """moto has the service or the call, but not the package that it needs for it."""
    return not_served(
        environ,
        f"The sandbox has no {service_of(environ) or 'such service'} for this call: moto needs the "
        f"Python package {error.name!r} for it, which idpool[sandbox] does not bring. "
        "`pip install 'moto[server]'` beside idpool brings what moto has.",
    )


def not_served(environ: WSGIEnvironment, sentence: str) -> Response:
    """HTTP 501 with the sentence as the message of an error of the API, in JSON or XML."""
    if _is_json(environ):
        return error_answer(ApiError(_CODE, sentence, _STATUS))
    return _xml_error(_CODE, sentence, _STATUS, _EC2 if service_of(environ) == "ec2" else _QUERY)


def _xml_error(code: str, sentence: str, status: int, form: str = _QUERY) -> Response:
    identifier = str(uuid.uuid4())
    body = form.format(code=code, message=escape(sentence), id=identifier)
    response = answered(status, body, "text/xml")
    response.headers["x-amzn-RequestId"] = identifier
    return response


def service_of(environ: WSGIEnvironment) -> str:
    """The service that the signature names: KEY/DATE/REGION/SERVICE/aws4_request; or ""."""
    _, _, rest = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")
    scope = rest.partition(",")[0].split("/")
    return scope[3].lower() if len(scope) == _SCOPE_PARTS else ""


def _is_json(environ: WSGIEnvironment) -> bool:
    if environ.get("HTTP_X_AMZ_TARGET") or "json" in environ.get("CONTENT_TYPE", ""):
        return True
    return "json" in _protocol(service_of(environ))


@cache
def _protocol(service: str) -> str:
    """The protocol of the service's model; "" for a service that botocore does not know so."""
    try:
        return str(Loader().load_service_model(service, "service-2")["metadata"]["protocol"])
    except (DataNotFoundError, KeyError, ValueError):
        return ""


class _UnknownService(LookupError):
    """A request for a service that moto does not know."""


class Application(DomainDispatcherApplication):
    """Routes cognito-identity, tagging and LookupEvents to our own service, all else to moto."""

    def __init__(self, service: Service) -> None:
        super().__init__(_backend_app)
        self._service = service
        self._s3_turn = threading.Lock()
        self._roles = PlantedRoles()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        name_account(environ)
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        service = service_of(environ)
        app: WSGIApplication
        if target.startswith(TARGET_PREFIX) or is_lookup(target):
            app = IdentityResponse(self._service).answer(Request(environ))
        elif target.startswith(TAGGING_PREFIX):
            app = answer_tagging(Request(environ), self._service)
        elif service == "cognito-sync":
            # Since 2026-07-30.  The status is the service model's; the sentence is ours.
            sentence = "Amazon Cognito Sync is closed to new customers."
            app = error_answer(ApiError("NotAuthorizedException", sentence, 403))
        elif (found := self._looked_up(environ, target, service)) is not None:
            app = found
        else:
            if service == "iam":
                with self._service.store.open() as pools:
                    seeds = pools.seeds
                try:
                    self._roles.plant(seeds, place_of(environ).account)
                except ServiceException as refusal:  # moto's word on a policy of a seed
                    app = _xml_error(refusal.code, str(refusal.message), 400)
                    return app(environ, start_response)
            # moto looks and then writes; S3 decides a conditional write in one step.
            with self._s3_turn if service == "s3" else nullcontext():
                return self._by_moto(environ, start_response)
        return app(environ, start_response)

    def _looked_up(self, environ: WSGIEnvironment, target: str, service: str) -> Response | None:
        """The answer from what was seeded, if it is about that."""
        if not target and service not in ("s3", "cloudformation"):
            return None
        wanted = Request(environ)
        body = wanted.get_data()
        environ["wsgi.input"].seek(0)  # moto reads it again
        lookup = lookup_of(target, service, wanted.path, body, wanted.method)
        if lookup is None:
            return None
        place = place_of(environ)
        with self._service.store.open() as pools:
            things = seeded(pools.seeds, place, lookup)
        if things is None:
            return None
        try:
            return lookup.answer(things, lookup.asked, place)
        except ApiError as fault:
            return error_answer(fault)

    def _by_moto(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        app: WSGIApplication
        try:
            app = self.get_application(environ)
        except ImportError as error:
            app = package_missing(environ, error)
        except _UnknownService:
            sentence = f"The sandbox has no {service_of(environ) or 'such service'}."
            app = not_served(environ, sentence)
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
    app.register_error_handler(
        NotImplementedError, lambda error: not_served(request.environ, str(error))
    )
    # moto imports some packages only where a call needs them.
    app.register_error_handler(ImportError, lambda error: package_missing(request.environ, error))
    return app


def application(settings: SandboxSettings) -> Application:
    """The application for these settings. Raises SandboxStateError for a bad state file."""
    store = FileStore(settings.file) if settings.file else Store()
    with store.open():
        pass  # A bad file is an error of the start, not of the first request.
    return Application(Service(settings, store, RequestLimiter(settings)))


def place_of(environ: WSGIEnvironment) -> AccountRegion:
    """Whose request it is, and where, by its signature; moto knows the keys of assumed roles."""
    _, _, rest = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")
    scope = rest.partition(",")[0].split("/")
    region = scope[2] if len(scope) == _SCOPE_PARTS else DEFAULT_REGION
    named = environ.get("HTTP_X_MOTO_ACCOUNT_ID")
    return AccountRegion(named or get_account_id_from(scope[0]), region)


def name_account(environ: WSGIEnvironment) -> None:
    """Tells moto the account if the access key id is one: twelve digits, as in LocalStack."""
    signed = environ.get("HTTP_AUTHORIZATION", "") + environ.get("QUERY_STRING", "")
    found = _ACCOUNT_KEY.search(signed)
    if found:
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = found[1]
