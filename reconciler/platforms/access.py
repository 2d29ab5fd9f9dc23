"""Where an API is, and with which token: both checked before anything is sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model.addresses import wrong_address
from reconciler.model.errors import UsageProblem

_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")


@dataclass(frozen=True, slots=True)
class Access:
    """One repository behind one API.  ``author``: the token's own login, "" to ask for it."""

    api_url: str
    token: str = field(repr=False)
    repository: str
    author: str = ""


def api_address(option: str | None, variable: str, environment: Mapping[str, str]) -> str:
    """The API's URL from an option or a variable, "" without both.  Raises ``UsageProblem``."""
    address = option or environment.get(variable, "")
    wrong = wrong_address(address) if address else ""
    if wrong:
        raise UsageProblem(
            f"{'--api-url' if option else variable}: {wrong}",
            hint="the token goes there: give the https:// URL of the API",
        )
    return address.rstrip("/")


def token_of(variables: tuple[str, ...], environment: Mapping[str, str], hint: str) -> str:
    """The token from the first variable that is set.  Raises ``UsageProblem``, quoting nothing."""
    name = next((name for name in variables if environment.get(name)), None)
    if name is None:
        raise UsageProblem(f"there is no token: {' or '.join(variables)} is not set", hint=hint)
    token = environment[name].strip()
    if not _TOKEN.fullmatch(token):
        raise UsageProblem(f"{name} holds no token: it has spaces or other odd characters", hint)
    return token


def full_commit(text: str | None) -> str:
    """A full hash in lower case, "" for none.  Raises ``UsageProblem``."""
    commit = (text or "").lower()
    if commit and not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", commit):
        raise UsageProblem("--commit is not a full commit hash", hint="see git rev-parse HEAD")
    return commit
