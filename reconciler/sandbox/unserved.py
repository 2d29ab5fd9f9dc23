"""What the sandbox does not serve: answered in the client's protocol, so that its SDK shows why."""

from __future__ import annotations

import json
import uuid
from functools import cache
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

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


def package_missing(environ: WSGIEnvironment, module: str | None) -> Response:
    """moto has the service or the call, but not the package that it needs for it."""
    return not_served(
        environ,
        f"The sandbox has no {service_of(environ) or 'such service'} for this call: moto needs the "
        f"Python package {module!r} for it, which idpool[sandbox] does not bring. "
        "`pip install 'moto[server]'` beside idpool brings what moto has.",
    )


def unknown_service(environ: WSGIEnvironment) -> Response:
    """moto knows nothing of the service."""
    return not_served(environ, f"The sandbox has no {service_of(environ) or 'such service'}.")


def not_served(environ: WSGIEnvironment, sentence: str) -> Response:
    """HTTP 501 with the sentence as the message of an error of the API, in JSON or XML."""
    identifier = str(uuid.uuid4())
    if _is_json(environ):
        body = json.dumps({"__type": _CODE, "message": sentence})
        response = Response(body, _STATUS, content_type="application/x-amz-json-1.1")
        response.headers["x-amzn-ErrorType"] = _CODE
    else:
        form = _EC2 if service_of(environ) == "ec2" else _QUERY
        body = form.format(code=_CODE, message=escape(sentence), id=identifier)
        response = Response(body, _STATUS, content_type="text/xml")
    response.headers["x-amzn-RequestId"] = identifier
    response.headers["Access-Control-Allow-Origin"] = "*"
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
    from botocore.exceptions import DataNotFoundError
    from botocore.loaders import Loader

    try:
        return str(Loader().load_service_model(service, "service-2")["metadata"]["protocol"])
    except (DataNotFoundError, KeyError, ValueError):
        return ""
