"""One tidy spec as text, from a document."""

from collections.abc import Iterator, Mapping
from typing import Final

from reconciler.model.base import JsonValue
from reconciler.model.pool_fields import LOGINS_FIELD
from reconciler.model.spec import PoolDocument, spec_as_api
from reconciler.specs.effective import Effective
from reconciler.text.emission import Manner, Path, block_lines, comment_lines
from reconciler.text.references import escaped, literal

_NO_COMMENTS: Final[Mapping[Path, str]] = {}


def spec_text(
    document: PoolDocument, comments: Mapping[Path, str] = _NO_COMMENTS, *, schema: str = ""
) -> str:
    """A document as YAML: fields in their documented order, defaults left out; secrets in clear.

    Its texts are values: what looks like a reference in them is written as what it is.
    ``comments``: text by the path of what it is about (``("spec", "Roles")``, a list's member by
    its 0-based number, ``()`` for the whole), of any number of lines, without ``#``.
    ``schema``: where editors find the schema, a path or URL; "" for no such line.
    """
    return written_text(_as_written(tidy_value(document)), comments, schema=schema)


def written_text(
    value: dict[str, JsonValue], comments: Mapping[Path, str] = _NO_COMMENTS, *, schema: str = ""
) -> str:
    """The same for plain data whose texts are as they are to be written, references included."""
    manner = Manner(comments=comments, gaps=frozenset(_gaps(value)))
    head = [f"# yaml-language-server: $schema={schema}"] if schema else []
    head += comment_lines(comments.get((), ""), 0)
    return "\n".join([*head, *block_lines(value, 0, manner)]) + "\n"


def made_text(
    document: PoolDocument, made: Effective, comments: Mapping[Path, str] = _NO_COMMENTS
) -> str:
    """A document as YAML with the references that its values were made of."""
    value = tidy_value(document)
    spec = _as_made(value["spec"], ("spec",), made)
    return written_text({**value, "spec": spec}, comments)


def _as_made(value: JsonValue, path: Path, made: Effective) -> JsonValue:
    if isinstance(value, list):
        return [_as_made(each, (*path, number), made) for number, each in enumerate(value)]
    if isinstance(value, dict):
        ways = {key: (*path, key) for key in value}
        return {
            made.keys.get(way, escaped(key)): _as_made(value[key], way, made)
            for key, way in ways.items()
        }
    return made.expressions.get(path, escaped(value)) if isinstance(value, str) else value


def rendered_text(value: Mapping[str, JsonValue], head: str, behind: Mapping[Path, str]) -> str:
    """A document to look at: ``behind`` are comments behind values, by their paths."""
    manner = Manner(behind=behind, gaps=frozenset(_gaps(value)))
    lines = block_lines(_as_written(value), 0, manner)
    return "\n".join([*comment_lines(head, 0), *lines]) + "\n"


def _as_written(value: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {**value, "spec": literal(value["spec"])}


def tidy_value(document: PoolDocument) -> dict[str, JsonValue]:
    """The document as plain data in the documented order, defaults left out, secrets in clear."""
    value = document.model_dump(mode="json", exclude_defaults=True)
    # Dumping masks this one, and so does not see that it is the default.
    if logins := spec_as_api(document.spec)[LOGINS_FIELD]:
        value["spec"][LOGINS_FIELD] = dict(logins)
    else:
        value["spec"].pop(LOGINS_FIELD, None)
    return value


def _gaps(value: Mapping[str, JsonValue]) -> Iterator[Path]:
    """An empty line goes above each part, and around each field of more than one line."""
    yield from ((part,) for part in ("metadata", "lifecycle", "spec", "perTarget"))
    fields = value["spec"]
    assert isinstance(fields, dict)  # noqa: S101 - tells mypy what tidy_value builds
    long_before = False
    for number, (field, member) in enumerate(fields.items()):
        is_long = isinstance(member, dict | list) and bool(member)
        if number and (is_long or long_before):
            yield ("spec", field)
        long_before = is_long
