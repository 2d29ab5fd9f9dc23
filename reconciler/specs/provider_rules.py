"""Rules about which providers a pool has, and how they are named."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

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
            yield _url(("spec", _LOGINS, key), key)
    for index, arn in enumerate(pool.get("OpenIdConnectProviderARNs", [])):
        if "://" in arn:
            head, _, rest = arn.partition("://")
            bare = head.rpartition("/")[0] + "/" + rest
            yield Problem.of(("spec", _OIDC, index), RuleId.URL_NOT_NAME, "arn", arn=quoted(bare))


def client_names(subject: CheckedPool) -> Iterator[Problem]:
    """AWS answers "Invalid Cognito Identity Provider" to all but the name of a user pool."""
    for index, client in enumerate(_clients(subject)):
        path, name = ("spec", _CLIENTS, index, "ProviderName"), client["ProviderName"]
        if _is_url(name):
            yield _url(path, name, "value")
        elif not is_user_pool(name):
            yield _no_user_pool(path, name)
        elif (region := user_pool_region(name)) not in REGIONS:
            yield unknown_region(path, region)


def _no_user_pool(path: FieldPath, name: str) -> Problem:
    match = _USER_POOL_ID.fullmatch(name.rpartition("/")[2])
    if not match:
        return Problem.of(path, RuleId.WRONG_FORMAT, "no-user-pool", name=quoted(name))
    partition = find_partition(match[1])
    provider = f"cognito-idp.{match[1]}.{partition.suffix if partition else ''}/{match[0]}"
    case = "user-pool-id" if name.startswith("arn:") or "/" not in name else "user-pool"
    return Problem.of(path, RuleId.WRONG_FORMAT, case, name=quoted(name), provider=provider)


def login_names(subject: CheckedPool) -> Iterator[Problem]:
    """AWS takes any name as a login provider's, and then signs nobody in."""
    known = ", ".join(LOGIN_PROVIDERS)
    for key in _names(subject, subject.pool.get("SupportedLoginProviders", {})):
        if key not in LOGIN_PROVIDERS and not _is_url(key):
            path = ("spec", _LOGINS, key)
            fix, name = did_you_mean(key, LOGIN_PROVIDERS), shown_key(path)
            yield Problem.of(path, RuleId.UNKNOWN_LOGIN, "", fix, name=name, known=known)


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
    return Problem.of(
        ("spec", *own.path),
        RuleId.OTHER_ACCOUNT,
        "split" if here else "several" if len(others) > 1 else "",
        what=own.what,
        account=own.account,
        targets=f"the targets {listed(there)} are" if there[1:] else f"target {listed(there)} is",
        others=listed(others),
        here=listed(here),
        there=listed(there),
    )


def role_mapping_keys(subject: CheckedPool) -> Iterator[Problem]:
    """A role mapping is for a provider that the pool has."""
    known = _login_like(subject)
    known[_CLIENTS] = [f"{c['ProviderName']}:{c['ClientId']}" for c in _clients(subject)]
    for path, key in _strange_keys(subject, "RoleMappings", known):
        own = [c for c in known[_CLIENTS] if c.startswith(f"{key}:")]
        if _is_url(key):
            yield _url_key(path, key, known)
        elif (own or _looks_like_user_pool(key)) and ":" not in key:
            fix = "" if own else _fix(known, key)
            name, clients = quoted(key), listed(own)
            case = "client-wanted"
            yield Problem.of(path, RuleId.UNKNOWN_PROVIDER, case, fix, name=name, clients=clients)
        else:
            yield _unknown(path, key, known)


def principal_tag_keys(subject: CheckedPool) -> Iterator[Problem]:
    """Principal tags are for a provider that the pool has; clients share their provider's."""
    known = _login_like(subject)
    known[_CLIENTS] = sorted({client["ProviderName"] for client in _clients(subject)})
    known[_OIDC] += [issuer_of(arn) for arn in known[_OIDC]]
    known[_DEVELOPER] = [name for name in [subject.pool.get("DeveloperProviderName", "")] if name]
    for path, key in _strange_keys(subject, "PrincipalTagAttributeMaps", known):
        provider = key.rpartition(":")[0]
        if _is_url(key):
            yield _url_key(path, key, known)
        elif provider in known[_CLIENTS]:
            case = "user-pool-wanted"
            yield Problem.of(path, RuleId.UNKNOWN_PROVIDER, case, provider=quoted(provider))
        else:
            yield _unknown(path, key, known)


PROVIDER_RULES: Final[tuple[Rule, ...]] = (
    urls,
    client_names,
    login_names,
    foreign_arns,
    role_mapping_keys,
    principal_tag_keys,
)


def _strange_keys(
    subject: CheckedPool,
    field: Literal["RoleMappings", "PrincipalTagAttributeMaps"],
    known: Mapping[str, list[str]],
) -> Iterator[tuple[FieldPath, str]]:
    """The keys of a field that are no provider of the pool, as far as it is known."""
    for key in _names(subject, subject.pool.get(field, {})):
        if _is_url(key) or not _is_known(subject, known, key):
            yield ("spec", field, key), key


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


def _is_known(subject: CheckedPool, known: Mapping[str, list[str]], key: str) -> bool:
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


def _unknown(path: FieldPath, key: str, known: Mapping[str, list[str]]) -> Problem:
    return Problem.of(path, RuleId.UNKNOWN_PROVIDER, "", _fix(known, key), name=quoted(key))


def _fix(known: Mapping[str, list[str]], key: str) -> str:
    names = [name for group in known.values() for name in group]
    if guess := did_you_mean(key, names):
        return guess
    if names:
        return f"write one of {listed(names)}, or add the provider to the pool"
    return "add the provider to the pool, or remove this"


def _url(path: FieldPath, name: str, case: str = "", fix: str = "") -> Problem:
    bare = _without_scheme(name)
    usual = f"write {quoted(bare)}" if bare else ""
    return Problem.of(path, RuleId.URL_NOT_NAME, case, fix or usual, name=quoted(name))


def _url_key(path: FieldPath, key: str, known: Mapping[str, list[str]]) -> Problem:
    """A key names a provider that the pool has, whose name may be more than the URL's rest."""
    bare = _without_scheme(key)
    meant = [
        name
        for names in known.values()
        for name in names
        if bare and (name == bare or name.startswith(f"{bare}:") or name.endswith(f"/{bare}"))
    ]
    if len(meant) == 1:
        return _url(path, key, fix=f"write {quoted(meant[0])}")
    return _url(path, key, fix=f"write one of {listed(meant)}" if meant else _fix(known, bare))


def _is_url(name: str) -> bool:
    return name.lower().startswith(_SCHEMES)


def _without_scheme(url: str) -> str:
    return url.partition("://")[2].rstrip("/")
