"""Answers to the few read calls of other services that references need, from what was seeded.

A place where nothing was seeded has moto's own services instead.
"""

import hashlib
import json
import uuid
from collections import ChainMap
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from reconciler.sandbox.faults import ApiError, invalid, not_found
from reconciler.sandbox.pools import AccountRegion, page
from reconciler.sandbox.seeds import Seeds

Things: TypeAlias = Mapping[str, Mapping[str, Any]]
Parameters: TypeAlias = Mapping[str, Any]

# A page of user pools or their clients.
_MOST_RESULTS: Final = 60

_STACK_XML: Final = """<member><StackName>{name}</StackName><StackId>{id}</StackId>
<CreationTime>{created}</CreationTime>{updated}<StackStatus>{status}</StackStatus>
<Parameters/><NotificationARNs/><Tags/><DisableRollback>false</DisableRollback>
<EnableTerminationProtection>false</EnableTerminationProtection>
<Outputs>{outputs}</Outputs></member>"""
_STACKS_XML: Final = """<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
<DescribeStacksResult><Stacks>{stacks}</Stacks></DescribeStacksResult>
<ResponseMetadata><RequestId>{request}</RequestId></ResponseMetadata></DescribeStacksResponse>"""
_OUTPUT_XML: Final = (
    "<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>"
)
_NO_STACK_XML: Final = """<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
<Error><Type>Sender</Type><Code>ValidationError</Code>
<Message>Stack with id {name} does not exist</Message></Error>
<RequestId>{request}</RequestId></ErrorResponse>"""


class Lookup(NamedTuple):
    """A request that may be about seeds: what it asks for, the kind of it, and who answers."""

    kind: str
    asked: Parameters
    answer: Callable[[Things, Parameters, AccountRegion], Response]


def lookup_of(target: str, service: str, path: str, body: bytes, method: str) -> Lookup | None:
    """What a request looks up; ``target``: its X-Amz-Target."""
    if target in _BY_TARGET:
        kind, answer = _BY_TARGET[target]
        return Lookup(kind, _object(body), answer)
    if service == "cloudformation":
        form = {key: values[0] for key, values in parse_qs(body.decode(errors="replace")).items()}
        is_lookup = form.get("Action") == "DescribeStacks"
        return Lookup("stack", form, _stacks) if is_lookup else None
    if service == "s3" and method == "GET" and path.count("/") > 1:
        return Lookup("s3", {"Key": path.lstrip("/")}, _object_of)
    return None


def seeded(
    everywhere: Mapping[AccountRegion, Seeds], place: AccountRegion, lookup: Lookup
) -> Things | None:
    """What was seeded of the kind in a place, ``None`` where moto is to answer."""
    if lookup.kind == "s3":  # buckets have one name in all accounts; locks are moto's
        objects = ChainMap(*(seeds.get("s3", {}) for seeds in everywhere.values()))
        return objects if lookup.asked["Key"] in objects else None
    here = everywhere.get(place, {})
    # For CloudFormation moto needs packages that are not there.
    return here.get(lookup.kind, {}) if here or lookup.kind == "stack" else None


def _object(body: bytes) -> Parameters:
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ApiError("SerializationException", "the body is no JSON object")
    return value


def _json(value: object) -> Response:
    return Response(json.dumps(value), 200, content_type="application/x-amz-json-1.1")


def _parameters(things: Things, asked: Parameters, place: AccountRegion) -> Response:
    found, missing = [], []
    for name in asked.get("Names", ()):
        bare, colon, selector = name.partition(":")
        thing = things.get(bare)
        if thing is None or (colon and selector != str(thing["version"])):
            missing.append(name)
            continue
        is_clear = thing["type"] == "String" or asked.get("WithDecryption")
        found.append(
            {
                "Name": bare,
                "Type": thing["type"],
                "Value": thing["value"] if is_clear else "AQICAH",
                "Version": thing["version"],
                "ARN": f"arn:aws:ssm:{place.region}:{place.account}:parameter/{bare.lstrip('/')}",
                **({"Selector": f":{selector}"} if colon else {}),
            }
        )
    return _json({"Parameters": found, "InvalidParameters": missing})


def _secrets(things: Things, asked: Parameters, place: AccountRegion) -> Response:
    found, errors = [], []
    for name in asked.get("SecretIdList", ()):
        if name in things:
            arn = f"arn:aws:secretsmanager:{place.region}:{place.account}:secret:{name}-AbCdEf"
            version = _uuid(name, things[name]["version"])
            text = things[name]["value"]
            found.append({"ARN": arn, "Name": name, "VersionId": version, "SecretString": text})
        else:
            message = "Secrets Manager can't find the specified secret."
            code = "ResourceNotFoundException"
            errors.append({"SecretId": name, "ErrorCode": code, "Message": message})
    return _json({"SecretValues": found, "Errors": errors})


def _stacks(things: Things, asked: Parameters, place: AccountRegion) -> Response:
    """One by its name or id, or all of them, as one page."""
    wanted, request = str(asked.get("StackName", "")), str(uuid.uuid4())
    found = [name for name in things if wanted in ("", name) or wanted == _stack_id(name, place)]
    if wanted and not found:
        text = _NO_STACK_XML.format(name=escape(wanted), request=request)
        return Response(text, 400, content_type="text/xml")
    stacks = "".join(_stack(name, things[name], place) for name in found)
    text = _STACKS_XML.format(stacks=stacks, request=request)
    return Response(text, 200, content_type="text/xml")


def _stack(name: str, stack: Mapping[str, Any], place: AccountRegion) -> str:
    outputs = (
        _OUTPUT_XML.format(key=escape(key), value=escape(value))
        for key, value in stack["outputs"].items()
    )
    # A stack that was never updated has no LastUpdatedTime.
    is_new = stack["version"] == 1
    return _STACK_XML.format(
        name=escape(name),
        id=escape(_stack_id(name, place)),
        created=stack["created"],
        updated="" if is_new else f"<LastUpdatedTime>{stack['at']}</LastUpdatedTime>",
        status="CREATE_COMPLETE" if is_new else "UPDATE_COMPLETE",
        outputs="".join(outputs),
    )


def _stack_id(name: str, place: AccountRegion) -> str:
    return f"arn:aws:cloudformation:{place.region}:{place.account}:stack/{name}/{_uuid(name)}"


def _user_pools(things: Things, asked: Parameters, _: AccountRegion) -> Response:
    names, token = page("ListUserPools", things, _limited(asked, asked.get("MaxResults")))
    pools = [
        {
            "Id": things[name]["id"],
            "Name": name,
            "LambdaConfig": {},
            "CreationDate": _seconds(things[name]["created"]),
            "LastModifiedDate": _seconds(things[name]["at"]),
        }
        for name in names
    ]
    return _json({"UserPools": pools, **token})


def _clients(things: Things, asked: Parameters, _: AccountRegion) -> Response:
    pool = _user_pool(things, asked)
    limited = _limited(asked, asked.get("MaxResults", _MOST_RESULTS))
    names, token = page(f"ListUserPoolClients {pool['id']}", pool["clients"], limited)
    clients = [
        {"ClientId": pool["clients"][name], "ClientName": name, "UserPoolId": pool["id"]}
        for name in names
    ]
    return _json({"UserPoolClients": clients, **token})


def _client(things: Things, asked: Parameters, _: AccountRegion) -> Response:
    pool, wanted = _user_pool(things, asked), asked.get("ClientId")
    name = next((name for name, client in pool["clients"].items() if client == wanted), None)
    if name is None:
        raise not_found(f"User pool client {wanted} does not exist.")
    client = {"ClientId": wanted, "ClientName": name, "UserPoolId": pool["id"]}
    # Answered only where it was set (API reference, UserPoolClientType).
    if writes := pool.get("writes", {}).get(wanted):
        client["WriteAttributes"] = writes
    return _json({"UserPoolClient": client})


def _user_pool(things: Things, asked: Parameters) -> Mapping[str, Any]:
    pool_id = asked.get("UserPoolId")
    pool = next((each for each in things.values() if each["id"] == pool_id), None)
    if pool is None:
        raise not_found(f"User pool {pool_id} does not exist.")
    return pool


def _limited(asked: Parameters, most: object) -> dict[str, Any]:
    """The request with the length of its pages.  Raises InvalidParameterException."""
    if not isinstance(most, int) or not 1 <= most <= _MOST_RESULTS:
        raise invalid(f"MaxResults must be 1 to {_MOST_RESULTS}.")
    return {**asked, "MaxResults": most}


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _object_of(things: Things, asked: Parameters, _: AccountRegion) -> Response:
    thing = things[asked["Key"]]
    body = str(thing["body"]).encode()
    response = Response(body, 200, content_type="application/json")
    response.headers["ETag"] = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
    moment = datetime.fromisoformat(thing["at"])
    response.headers["Last-Modified"] = format_datetime(moment, usegmt=True)
    return response


def _uuid(*names: object) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, repr(names)))


_BY_TARGET: Final = {
    "AmazonSSM.GetParameters": ("ssm", _parameters),
    "secretsmanager.BatchGetSecretValue": ("secret", _secrets),
    "AWSCognitoIdentityProviderService.ListUserPools": ("userPool", _user_pools),
    "AWSCognitoIdentityProviderService.ListUserPoolClients": ("userPool", _clients),
    "AWSCognitoIdentityProviderService.DescribeUserPoolClient": ("userPool", _client),
}
