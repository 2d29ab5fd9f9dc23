"""Rules about which providers a pool has, and how they are named."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from reconciler.model.findings import RuleId
from reconciler.model.partitions import REGION_FORM, REGIONS, find_partition
from reconciler.model.providers import (
    LOGIN_PROVIDERS,
    AccountArn,
    account_arns,
    is_user_pool,
    issuer_of,
    user_pool_region,
)
from reconciler.model.written import ClientData
from reconciler.specs.formats import unknown_region
from reconciler.specs.pool_rules import CheckedPool, Rule, swapped_names
from reconciler.text.problems import FieldPath, Problem, did_you_mean, listed, quoted, shown_key

_SCHEMES: Final = ("https://", "http://")
_USER_POOL_ID: Final = re.compile(rf"({REGION_FORM})_[A-Za-z0-9]+")
_LOGINS: Final = "SupportedLoginProviders"
_OIDC: Final = "OpenIdConnectProviderARNs"
_SAML: Final = "SamlProviderARNs"
_CLIENTS: Final = "CognitoIdentityProviders"
_DEVELOPER: Final = "DeveloperProviderName"


def urls(subject: CheckedPool) -> Iterator[Problem]:
    """Providers are named without https://, everywhere."""
    pool = subject.pool
    for key in _names(subject, pool.get("SupportedLoginProviders", {})):
        if _is_url(key):
            yield _url(("spec", _LOGINS, key), key, at_key=True)
    for index, arn in enumerate(pool.get("OpenIdConnectProviderARNs", [])):
        if "://" in arn:
            message = "the ARN of an OpenID Connect provider holds its host and path, no https://"
            path = ("spec", _OIDC, index)
            yield Problem(path, RuleId.URL_NOT_NAME, message, f"write {quoted(_bare_arn(arn))}")


def client_names(subject: CheckedPool) -> Iterator[Problem]:
    """AWS answers "Invalid Cognito Identity Provider" to all but the name of a user pool."""
    for index, client in enumerate(_clients(subject)):
        path, name = ("spec", _CLIENTS, index, "ProviderName"), client["ProviderName"]
        if _is_url(name):
            yield _url(path, name, at_key=False)
        elif not is_user_pool(name):
            yield Problem(path, RuleId.WRONG_FORMAT, *_no_user_pool(name))
        elif (region := user_pool_region(name)) not in REGIONS:
            yield unknown_region(path, region)


def _no_user_pool(name: str) -> tuple[str, str]:
    """What is wrong with a ProviderName, and what to do."""
    match = _USER_POOL_ID.fullmatch(name.rpartition("/")[2])
    if not match:
        message = f"{quoted(name)} is no user pool's provider name, and AWS takes no other here"
        return message, "write cognito-idp.REGION.amazonaws.com/USER_POOL_ID"
    partition = find_partition(match[1])
    suffix = partition.suffix if partition else ""
    is_id = name.startswith("arn:") or "/" not in name
    what = "a user pool's id or ARN, not its" if is_id else "not the user pool's"
    message = f"{quoted(name)} is {what} provider name"
    return message, f'write "cognito-idp.{match[1]}.{suffix}/{match[0]}"'


def login_names(subject: CheckedPool) -> Iterator[Problem]:
    """AWS takes any name as a login provider's, and then signs nobody in."""
    for key in _names(subject, subject.pool.get("SupportedLoginProviders", {})):
        if key not in LOGIN_PROVIDERS and not _is_url(key):
            path = ("spec", _LOGINS, key)
            message = f"AWS is known to have no login provider {shown_key(path)}"
            guess = did_you_mean(key, LOGIN_PROVIDERS)
            fix = guess or f"write one of {', '.join(LOGIN_PROVIDERS)}"
            yield Problem(path, RuleId.UNKNOWN_LOGIN, message, fix, severity="warning", at_key=True)


def foreign_arns(subject: CheckedPool) -> Iterator[Problem]:
    """What AWS takes of the pool's own account only, where the spec's targets name theirs."""
    if subject.lifecycle.get("delete"):
        return
    accounts = {target.name: target.account for target in subject.targets if target.account}
    known = set(accounts.values())
    for each in account_arns(subject.pool) if known else ():
        if known != {each.account}:
            yield _foreign(each, accounts)


def _foreign(own: AccountArn, accounts: Mapping[str, str]) -> Problem:
    here = [name for name, account in accounts.items() if account == own.account]
    others = sorted({account for account in accounts.values() if account != own.account})
    there = [name for name, account in accounts.items() if account != own.account]
    is_one = len(there) == 1
    message = (
        f"is a {own.what} of account {own.account}, and "
        f"{'target' if is_one else 'the targets'} {listed(there)} {'is' if is_one else 'are'} "
        f"account {listed(others)}: AWS takes a {own.what} of the pool's own account only"
    )
    if here:
        fix = f"let this spec go to {listed(here)} alone, and write another for {listed(there)}"
    elif len(others) > 1:
        fix = f"write a spec for each account, with its own {own.what}"
    else:
        fix = f"write the ARN of a {own.what} of account {others[0]}"
    return Problem(("spec", *own.path), RuleId.OTHER_ACCOUNT, message, fix)


def role_mapping_keys(subject: CheckedPool) -> Iterator[Problem]:
    """A role mapping is for a provider that the pool has."""
    known = _login_like(subject)
    known[_CLIENTS] = [f"{c['ProviderName']}:{c['ClientId']}" for c in _clients(subject)]
    for key in _names(subject, subject.pool.get("RoleMappings", {})):
        if _is_url(key):
            yield _url_key("RoleMappings", key, known)
        else:
            yield from _mapping_key(subject, known, key)


def principal_tag_keys(subject: CheckedPool) -> Iterator[Problem]:
    """Principal tags are for a provider that the pool has; clients share their provider's."""
    known = _login_like(subject)
    known[_CLIENTS] = sorted({client["ProviderName"] for client in _clients(subject)})
    known[_OIDC] += [issuer_of(arn) for arn in known[_OIDC]]
    known[_DEVELOPER] = [name for name in [subject.pool.get("DeveloperProviderName", "")] if name]
    for key in _names(subject, subject.pool.get("PrincipalTagAttributeMaps", {})):
        if _is_url(key):
            yield _url_key("PrincipalTagAttributeMaps", key, known)
        else:
            yield from _tag_key(subject, known, key)


PROVIDER_RULES: Final[tuple[Rule, ...]] = (
    urls,
    client_names,
    login_names,
    foreign_arns,
    role_mapping_keys,
    principal_tag_keys,
)


def _mapping_key(subject: CheckedPool, known: dict[str, list[str]], key: str) -> Iterator[Problem]:
    if _is_known(subject, known, key):
        return
    path = ("spec", "RoleMappings", key)
    own = [c for c in known[_CLIENTS] if c.startswith(f"{key}:")]
    if (own or _looks_like_user_pool(key)) and ":" not in key:
        message = f"{quoted(key)} names a user pool, and a mapping is for one client of it"
        fix = f"add :CLIENTID; the pool has {listed(own)}" if own else _fix(known, key)
        yield Problem(path, RuleId.UNKNOWN_PROVIDER, message, fix, at_key=True)
    else:
        yield _unknown(path, key, known)


def _tag_key(subject: CheckedPool, known: dict[str, list[str]], key: str) -> Iterator[Problem]:
    if _is_known(subject, known, key):
        return
    path = ("spec", "PrincipalTagAttributeMaps", key)
    provider = key.rpartition(":")[0]
    if provider in known[_CLIENTS]:
        message = "principal tags are for a user pool, not for one client of it"
        fix = f"write {quoted(provider)}"
        yield Problem(path, RuleId.UNKNOWN_PROVIDER, message, fix, at_key=True)
    else:
        yield _unknown(path, key, known)


def _login_like(subject: CheckedPool) -> dict[str, list[str]]:
    pool = subject.pool
    return {
        _LOGINS: _names(subject, pool.get("SupportedLoginProviders", {})),
        _OIDC: list(pool.get("OpenIdConnectProviderARNs", [])),
        _SAML: list(pool.get("SamlProviderARNs", [])),
    }


def _names(subject: CheckedPool, names: Iterable[str]) -> list[str]:
    """Names of providers; a rule of its own tells of those that are secrets."""
    swapped = swapped_names(subject.pool)
    return [name for name in names if name not in swapped]


def _clients(subject: CheckedPool) -> list[ClientData]:
    return subject.pool.get("CognitoIdentityProviders", [])


def _is_known(subject: CheckedPool, known: dict[str, list[str]], key: str) -> bool:
    """Whether the pool has the provider, or may have it in a field that says not all."""
    if any(key in names for names in known.values()):
        return True
    return bool(_fields_of(key) & set(known) & subject.open_fields)


def _fields_of(key: str) -> set[str]:
    """The fields in which a provider that is called so would stand."""
    if ":oidc-provider/" in key:
        return {_OIDC}
    if ":saml-provider/" in key:
        return {_SAML}
    if _looks_like_user_pool(key):
        return {_CLIENTS}
    others = {_LOGINS, _DEVELOPER, _OIDC}
    return others | {_CLIENTS} if ":" in key else others


def _looks_like_user_pool(key: str) -> bool:
    return key.startswith("cognito-idp")


def _unknown(path: FieldPath, key: str, known: dict[str, list[str]]) -> Problem:
    message = f"the pool has no provider {quoted(key)}"
    return Problem(path, RuleId.UNKNOWN_PROVIDER, message, _fix(known, key), at_key=True)


def _fix(known: dict[str, list[str]], key: str) -> str:
    names = [name for group in known.values() for name in group]
    if guess := did_you_mean(key, names):
        return guess
    if names:
        return f"write one of {listed(names)}, or add the provider to the pool"
    return "add the provider to the pool, or remove this"


def _url(path: FieldPath, name: str, *, at_key: bool) -> Problem:
    bare = _without_scheme(name)
    fix = f"write {quoted(bare)}" if bare else "write the provider's name"
    return Problem(path, RuleId.URL_NOT_NAME, _url_message(name), fix, at_key=at_key)


def _url_key(field: str, key: str, known: dict[str, list[str]]) -> Problem:
    """A key names a provider that the pool has, whose name may be more than the URL's rest."""
    bare = _without_scheme(key)
    meant = [
        name
        for names in known.values()
        for name in names
        if bare and (name == bare or name.startswith(f"{bare}:") or name.endswith(f"/{bare}"))
    ]
    if len(meant) == 1:
        fix = f"write {quoted(meant[0])}"
    else:
        fix = f"write one of {listed(meant)}" if meant else _fix(known, bare)
    path = ("spec", field, key)
    return Problem(path, RuleId.URL_NOT_NAME, _url_message(key), fix, at_key=True)


def _url_message(name: str) -> str:
    return f"{quoted(name)} is a URL; AWS knows providers by their name without https://"


def _is_url(name: str) -> bool:
    return name.lower().startswith(_SCHEMES)


def _without_scheme(url: str) -> str:
    return url.partition("://")[2].rstrip("/")


def _bare_arn(arn: str) -> str:
    head, _, rest = arn.partition("://")
    return head.rpartition("/")[0] + "/" + rest
