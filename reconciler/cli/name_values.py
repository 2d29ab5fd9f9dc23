"""Options of the form NAME=VALUE, whatever the value is called."""

import re
from collections.abc import Sequence

from reconciler.model.errors import UsageProblem

# A name may hold an instance key in quotes, with any sign in it.
_PAIR = re.compile(r'((?:"(?:[^"\\]|\\.)*"|[^="])+)=(.*)', re.DOTALL)


def name_values(
    words: Sequence[str] | None, option: str, form: str = "NAME=VALUE"
) -> dict[str, str]:
    """The pairs by their names.  Raises ``UsageProblem``; its text shows no value."""
    pairs: dict[str, str] = {}
    for word in words or ():
        match = _PAIR.fullmatch(word)
        if not match:
            raise UsageProblem(f"{option} takes {form}", hint=f"write {option} {form}")
        if match[1] in pairs:
            raise UsageProblem(f"{option} names {match[1]} twice", hint="name it once")
        pairs[match[1]] = match[2]
    return pairs
