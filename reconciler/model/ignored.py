"""What idpool leaves alone: fields and tags that another owner writes."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, ClassVar

from reconciler.model.base import RECORD_CONFIG
from reconciler.model.pool import POOL_FIELDS, TAGS_FIELD, Pool, same
from reconciler.model.project import AWS_TAG_PREFIX, RESERVED_TAG_PREFIX

if TYPE_CHECKING:
    from pydantic import ConfigDict


@dataclass(frozen=True, slots=True)
class Ignored:
    """Fields that are never compared, and tag keys (with ``*`` and ``?``) that are left alone.

    ``aws:`` tags are AWS's and always left alone (tagging guide: the prefix is reserved).
    """

    __pydantic_config__: ClassVar["ConfigDict"] = RECORD_CONFIG

    fields: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def leaves_tag(self, key: str) -> bool:
        """Whether a live tag of this key is nobody's business here."""
        if key.startswith(RESERVED_TAG_PREFIX):
            return False
        return (
            TAGS_FIELD in self.fields
            or key.startswith(AWS_TAG_PREFIX)
            or any(fnmatchcase(key, pattern) for pattern in self.tags)
        )


def in_live_terms(wanted: Pool, live: Pool, ignored: Ignored) -> Pool:
    """``wanted`` with the live value of what is ignored, and of what says the same in other words.

    What is wanted and live then differ where AWS treats them differently, and nowhere else; what is
    sent for a field that does not change is what live has.  A field that ``wanted`` does not manage
    stays unmanaged.
    """
    kept: dict[str, Any] = {
        field: getattr(live, field)
        for field in POOL_FIELDS
        if field != TAGS_FIELD
        and wanted.manages(field)
        and (field in ignored.fields or same(field, live, wanted))
    }
    if wanted.IdentityPoolTags != live.IdentityPoolTags:
        kept[TAGS_FIELD] = _tags(wanted.IdentityPoolTags, live.IdentityPoolTags, ignored)
    return wanted.model_copy(update=kept)


def _tags(wanted: dict[str, str], live: dict[str, str], ignored: Ignored) -> dict[str, str]:
    differing = {key for key, _ in wanted.items() ^ live.items()}
    left = {key for key in differing if ignored.leaves_tag(key)}
    tags = {key: value for key, value in wanted.items() if key not in left}
    tags |= {key: live[key] for key in left if key in live}
    return dict(sorted(tags.items()))
