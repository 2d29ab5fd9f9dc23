"""Scalars as CloudFormation reads them: by YAML 1.1, where ``NO`` is false and ``010`` is eight.

What is known of its reader: YES is true (ASFHyP3/hyp3, pull request 2061); a leading zero is octal,
but with an 8 or 9 in it the number is a double, shown as 1.2345678901E10 (skyarch.net/blog,
p=20495); y and n are text (aws/aws-cli, issue 7805), and so are dates (user guide, "template
formats": no timestamp tags); keys that are no text are refused (cfn-lint, issue 292).  That is what
SnakeYAML does for Java, whose ``Double.toString`` writes the doubles.
"""

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final, TypeAlias

from reconciler.loader.core_schema import BOOL, FLOAT, INT, NULL, STR, plain_tag

# Longer numbers are left as they are written: the work that they make grows faster than they do.
_MOST_DIGITS: Final = 400
_BASE_60: Final = 60

_BOOLS: Final = {
    form: word in ("true", "yes", "on")
    for word in ("true", "yes", "on", "false", "no", "off")
    for form in (word, word.capitalize(), word.upper())
}
# How a number may be written, and what its text without underscores is.
_Form: TypeAlias = tuple[re.Pattern[str], Callable[[str], float]]
_NUMBER_STARTS: Final = frozenset("+-.0123456789")
_INTS: Final[tuple[_Form, ...]] = (
    (re.compile(r"[-+]?0b[01_]+"), lambda text: int(text, 2)),
    (re.compile(r"[-+]?0x[0-9a-fA-F_]+"), lambda text: int(text, 16)),
    (re.compile(r"[-+]?0[0-7_]+"), lambda text: int(text, 8)),
    (re.compile(r"[-+]?(?:0|[1-9][0-9_]*)"), int),
    (re.compile(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+"), lambda text: _by_sixties(text, int)),
)
_FLOATS: Final[tuple[_Form, ...]] = (
    (
        re.compile(
            r"[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?"
            r"|[-+]?\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?"
        ),
        float,
    ),
    (re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*"), lambda t: _by_sixties(t, float)),
    (re.compile(r"[-+]?\.(?:inf|Inf|INF)"), lambda text: float(text.replace(".", ""))),
    (re.compile(r"\.(?:nan|NaN|NAN)"), lambda _: math.nan),
)


def cloudformation_tag(text: str) -> str:
    """The tag of a scalar without quotes and without a tag of its own."""
    if text in _BOOLS:
        return BOOL
    if text[:1] in _NUMBER_STARTS and len(text) <= _MOST_DIGITS:
        if any(form.fullmatch(text) for form, _ in _INTS):
            return INT
        return FLOAT if any(form.fullmatch(text) for form, _ in _FLOATS) else STR
    tag = plain_tag(text)
    return STR if tag in (BOOL, INT, FLOAT) else tag


def seen(tag: str, text: str) -> str | bool | None:
    """What a scalar with a tag is to CloudFormation; a number is the text that it becomes."""
    if tag == NULL:
        return None
    if tag == BOOL:
        return _BOOLS.get(text, text)
    if tag not in (INT, FLOAT) or len(text) > _MOST_DIGITS:
        return text
    try:
        return _number(text, is_float=tag == FLOAT)
    except ValueError:  # "0b_", or "!!int" before anything
        return text


def _number(text: str, *, is_float: bool) -> str:
    digits = text.replace("_", "")
    for form, read in () if is_float else _INTS:
        if form.fullmatch(text):
            return str(read(digits))
    for form, convert in _FLOATS:
        if form.fullmatch(text):
            return _java_double(convert(digits))
    return text


def _by_sixties(text: str, last: Callable[[str], float]) -> float:
    """Hours, minutes and seconds: ``1:20`` is 80."""
    *parts, end = text.lstrip("+-").split(":")
    whole = 0
    for part in parts:
        whole = whole * _BASE_60 + int(part)
    total = whole * _BASE_60 + last(end)
    return -total if text.startswith("-") else total


def _java_double(number: float) -> str:
    """As ``Double.toString`` writes it: always with a point, beyond seven digits with an E."""
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else f"{'-' * (number < 0)}Infinity"
    if number == 0:
        return "-0.0" if math.copysign(1, number) < 0 else "0.0"
    exact = Decimal(repr(number)).normalize()
    if -3 <= exact.adjusted() < 7:  # noqa: PLR2004
        plain = f"{exact:f}"
        return plain if "." in plain else f"{plain}.0"
    digits = "".join(map(str, exact.as_tuple().digits))
    return f"{'-' * (number < 0)}{digits[0]}.{digits[1:] or '0'}E{exact.adjusted()}"
