"""From a live pool to a spec whose plan is empty but for the tags that say whose it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import fill
from typing import Any, Final

from reconciler.model.base import API_VERSION, POOL_KIND
from reconciler.model.errors import IdpoolError
from reconciler.model.findings import RuleId, Source
from reconciler.model.live import LeftOut, LivePool
from reconciler.model.pool import FIELDS, POOL_FIELDS, Pool
from reconciler.model.pool_fields import LOGINS_FIELD, ROLES_FIELDS, TAGS_FIELD, FieldKind
from reconciler.model.project import NAME_TAG, OWNER_TAG, RESERVED_TAG_PREFIX, Ignored, Project
from reconciler.model.secrets import holds_secret, mask_login, mask_login_providers, scrub
from reconciler.model.spec import PoolDocument, PoolSpec, Spec, spec_as_api
from reconciler.planner.desired import desired_pool
from reconciler.planner.diff import changes_between
from reconciler.planner.refusals import refusals_of
from reconciler.specs.documents import read_documents
from reconciler.specs.loading import checked_pool
from reconciler.text.emission import WIDTH, Path, block_lines
from reconciler.text.problems import Problem, path_text
from reconciler.text.references import literal
from reconciler.writeback.accepted import accepted
from reconciler.writeback.spec_text import spec_text

# Two columns of indentation, and the sign of a comment.
_WIDTH = WIDTH - 4
FLOW_NEVER_SET = (
    "It was never set, and AWS allows the classic flow then.  With false, clients that use\n"
    "GetOpenIdToken are refused."
)
_CLIENTS = "CognitoIdentityProviders"
_NAME_FIELD: Final = "IdentityPoolName"
_FILE: Final = "imported.yaml"
_RULE: Final = RuleId.WRONG_VALUE
# What an apply may change in a pool that was imported.
_OWNERSHIP: Final = frozenset({OWNER_TAG, NAME_TAG})


def comments_of(
    live: Pool, spec: PoolSpec, left_out: Sequence[LeftOut], user_pools: Mapping[str, str]
) -> Mapping[Path, str]:
    """Comments by the path of what they stand above.

    ``live`` is the pool that the spec was made of; ``user_pools``: names by ProviderName, as far as
    they are known.
    """
    comments: dict[Path, str] = {
        ("spec", _CLIENTS, number): f"user pool {user_pools[client['ProviderName']]}"
        for number, client in enumerate(spec_as_api(spec)[_CLIENTS])
        if user_pools.get(client["ProviderName"])
    }
    comments |= {
        ("spec", field): FLOW_NEVER_SET
        for field, row in FIELDS.items()
        if row.kind is FieldKind.CLASSIC_FLOW and getattr(live, field) is None
    }
    if left_out:
        said = (f"{each.field} is left as it is in AWS: {each.why}" for each in left_out)
        filled = (fill(s, _WIDTH, break_long_words=False, break_on_hyphens=False) for s in said)
        comments["lifecycle", "ignoreChanges"] = "\n".join(filled)
    return comments


class NotImportable(IdpoolError):
    """A live pool that no spec can describe."""

    def __init__(self, pool_id: str, reason: str) -> None:
        super().__init__(f"{pool_id} cannot be imported: {reason}")
        self.pool_id = pool_id
        self.hint = "change it in AWS, or leave the pool out"


@dataclass(frozen=True, slots=True)
class Importing:
    """A live pool, with everything read, and what its spec is to be called in which target.

    ``schema``: where editors find the schema, "" for nowhere; ``user_pools``: names of user pools
    by their ProviderName, as far as they are known.
    """

    live: LivePool
    name: str
    target: str
    project: Project
    schema: str
    user_pools: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Imported:
    """A spec's text, and the document that it was made of, with comments by their paths.

    ``left_out``: fields that it leaves to AWS; ``secrets``: the login providers whose secret is in
    the text; ``taken_away``: tags of the pool that an apply removes, since they are idpool's own.
    """

    text: str
    document: PoolDocument
    left_out: tuple[LeftOut, ...]
    secrets: tuple[str, ...]
    taken_away: tuple[str, ...]
    comments: Mapping[Path, str] = field(default_factory=dict)


def secret_logins(pool: Pool) -> tuple[str, ...]:
    """The login providers that hold a secret, by their names as they may be shown."""
    logins = pool.SupportedLoginProviders
    return tuple(mask_login(*entry)[0] for entry in logins.items() if holds_secret(*entry))


def without_secrets(pool: Pool) -> tuple[LeftOut, ...]:
    """The field that holds secrets, to be left to AWS; empty where there is none."""
    secrets = secret_logins(pool)
    if not secrets:
        return ()
    masked = mask_login_providers(pool.SupportedLoginProviders)
    shown = ", ".join(f"{name}: {value}" for name, value in masked.items())
    why = (
        f"it holds the secret of {', '.join(secrets)}, which does not belong in Git. It has "
        f"{shown}. To manage it, import the pool with --with-secrets, and keep the file out of Git."
    )
    return (LeftOut(field=LOGINS_FIELD, why=why),)


def imported(importing: Importing, left_out: tuple[LeftOut, ...] = ()) -> Imported:
    """The tidy spec of a live pool, without the fields in ``left_out``.

    A field with a value that a spec may not hold is left out, too, and ignored from then on.
    Raises ``NotImportable``.
    """
    while True:
        document, wrong = _checked(_document(importing, left_out), importing.project)
        if document is not None and not wrong:
            spec, live = Spec(source=Source(file=_FILE), document=document), importing.live.pool
            strange, taken_away = _planned(importing, spec)
            if not strange:
                comments = comments_of(live, document.spec, left_out, importing.user_pools)
                text = spec_text(document, comments, schema=importing.schema)
                secrets = secret_logins(spec.pool)
                return Imported(text, document, left_out, secrets, taken_away, comments)
            message = "it would come out as something else"
            wrong = [Problem(("spec", field), _RULE, message) for field in strange]
        left_out = (*left_out, *_more_left_out(importing, wrong, {each.field for each in left_out}))


def _document(importing: Importing, left_out: tuple[LeftOut, ...]) -> dict[str, Any]:
    fields = {each.field for each in left_out}
    pool, project = importing.live.pool, importing.project
    ignored = Ignored(tags=project.ignore_tags)
    block = accepted({}, pool, ignored, set(POOL_FIELDS) - fields)
    # Either of the two makes both managed.
    empty = [field for field in reversed(ROLES_FIELDS) if block.get(field) == {}]
    if empty and all(field in block for field in ROLES_FIELDS):
        del block[empty[0]]
    document: dict[str, Any] = {
        "apiVersion": API_VERSION,
        "kind": POOL_KIND,
        "metadata": {"name": importing.name, **_place(importing)},
        "spec": literal(block),
    }
    if fields:
        in_order = [field for field in POOL_FIELDS if field in fields]
        document["lifecycle"] = {"ignoreChanges": in_order}
    return document


def _place(importing: Importing) -> dict[str, Any]:
    """The one target that has the pool, and the pool's id there."""
    pool_id = importing.live.pool_id
    if len(importing.project.targets) == 1:
        return {"adopt": pool_id}
    return {"targets": [importing.target], "adopt": {importing.target: pool_id}}


def _checked(value: dict[str, Any], project: Project) -> tuple[PoolDocument | None, list[Problem]]:
    """The document as it would be read from a file, and what is wrong with it."""
    documents, findings = read_documents(_FILE, "\n".join(block_lines(value, 0)) + "\n")
    if findings or not documents:
        message = findings[0].message if findings else "it is no document"
        return None, [Problem((), _RULE, message)]
    checked = checked_pool(documents[0], project)
    return checked.document, [
        problem for problem in checked.problems if problem.severity == "error"
    ]


def _planned(importing: Importing, spec: Spec) -> tuple[list[str], tuple[str, ...]]:
    """The fields that an apply would change, and the tags of our prefix that it would remove.

    Raises ``NotImportable`` for what a plan would refuse.
    """
    live = importing.live.pool
    desired = desired_pool(spec, importing.project, live)
    for refusal in refusals_of(live, desired):
        raise NotImportable(importing.live.pool_id, refusal.reason)
    changed = {change.field: change.edits for change in changes_between(live, desired)}
    tags = [edit for edit in changed.pop(TAGS_FIELD, ()) if edit.path[0] not in _OWNERSHIP]
    ours = {str(edit.path[0]) for edit in tags if str(edit.path[0]).startswith(RESERVED_TAG_PREFIX)}
    strange = [*changed, *([TAGS_FIELD] if len(ours) < len(tags) else [])]
    return strange, tuple(sorted(ours))


def _more_left_out(
    importing: Importing, wrong: list[Problem], known: set[str]
) -> Iterator[LeftOut]:
    """One entry for each field that has a problem.  Raises ``NotImportable``."""
    seen = set(known)
    for problem in wrong:
        field = str(problem.path[1]) if len(problem.path) > 1 else ""
        message = scrub(problem.message, importing.live.pool.SupportedLoginProviders)
        where = path_text(problem.shown_path[1:] or problem.path)
        if problem.path[:1] != ("spec",) or field == _NAME_FIELD or field in known:
            raise NotImportable(importing.live.pool_id, f"{where}: {message}")
        if field not in seen:
            seen.add(field)
            why = f"a spec may not hold what it has: {where}: {message}."
            yield LeftOut(field=field, why=why)
