"""Texts of specs as they may be shown: line by line the same, but for secrets."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from reconciler.model.secrets import MASK, TWITTER, secrets_of
from reconciler.reports.lines import Text
from reconciler.reports.spec_changes import spec_diff
from reconciler.text.documents import value_of
from reconciler.text.page import Page, Splice, spliced
from reconciler.text.tree import Leaf, Map, Node, Strange, key_leaf, walk
from reconciler.text.yaml import document_texts

_LINE: Final = re.compile(r"[^\n\r\x85\u2028\u2029]+")
# A provider with a secret that somebody has commented out: the secret's half, also in the place of
# the provider's name, and what stands beside Twitter's name without a semicolon.  Each begins where
# a word does, and nothing is tried twice: a comment may be one word of 19 kB.
_IN_COMMENTS: Final = (
    re.compile(
        r"(?<![\w-])(?<![\w-]\.)([\w-]++(?:\.[\w-]++)++[\"']?[ \t]*+:[ \t]*+[\"']?[\w./-]*+;).*"
    ),
    re.compile(
        r"(?<![\w./;-])([\w./-]*+;)[\w./;-]*+"
        r"(?=[\"']?[ \t]*+:[ \t]*+[\"']?[\w-]++(?:\.[\w-]++)++)"
    ),
    re.compile(r"(twitter\.com[\"']?[ \t]*+:[ \t]*+)[\"']?[\w./-]++[\"']?(?=[ \t]*+(?:#|$))", re.I),
    re.compile(r"(?<![\w./-])()[\w./-]++(?=[\"']?[ \t]*+:[ \t]*+[\"']?[\w.-]*twitter\.com)", re.I),
)


def masked(text: str) -> str:
    """The text of a spec file without the secrets of its login providers."""
    try:
        return "".join(map(_masked_document, document_texts(text)))
    except Strange:
        return _LINE.sub(MASK, text)


def _masked_document(text: str) -> str:
    page = Page(text)
    secrets = set(_secrets(page.root))
    hidden = [
        splice
        for node in walk(page.root)
        if isinstance(node, Leaf) and any(secret in node.text for secret in secrets)
        for splice in _hidden(text, node, secrets)
    ]
    comments = (
        Splice(start, end, _comment(text[start:end], secrets)) for start, end in page.comments
    )
    shown = (c for c in comments if not any(h.start <= c.start and c.end <= h.end for h in hidden))
    return spliced(text, [*hidden, *shown])


def _secrets(root: Node) -> Iterator[str]:
    """The secret halves of the login providers, and of what is called like one elsewhere."""
    document = value_of(root)
    spec = document.get("spec") if isinstance(document, dict) else None
    logins = spec.get("SupportedLoginProviders") if isinstance(spec, dict) else None
    pairs = list(logins.items()) if isinstance(logins, dict) else []
    for node in walk(root):
        if isinstance(node, Map):
            named = ((key_leaf(key).text, value) for key, value in node.entries)
            pairs += [(name, value_of(value)) for name, value in named if TWITTER in name.lower()]
    for name, value in pairs:
        if isinstance(value, str):
            yield from filter(None, map(str.strip, secrets_of(name, value)))


def _hidden(text: str, node: Leaf, secrets: Collection[str]) -> Iterator[Splice]:
    """Each line of a scalar; what stands before a semicolon on the first one is shown.

    Unless that is a secret, too: of Twitter's name and value, one half may be in the other's place.
    """
    for number, found in enumerate(_LINE.finditer(text, node.body, node.end)):
        head, semicolon, _ = found[0].partition(";")
        is_shown = semicolon and not any((number, node.is_block, *(s in head for s in secrets)))
        shown = head + semicolon if is_shown else ""
        quote = node.style if shown and node.style else ""
        yield Splice(found.start(), found.end(), f"{shown}{MASK}{quote}")


def _comment(text: str, secrets: Collection[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, MASK)
    for pattern in _IN_COMMENTS:
        text = pattern.sub(rf"\1{MASK}", text)
    return text


def diff_of(path: Path | str, before: str, after: str) -> Text:
    """The unified diff, secrets masked."""
    return spec_diff(str(path), before, after, masked(before), masked(after))
