"""What is wanted, with what idpool leaves alone as it is live."""

from typing import Any

from reconciler.model.pool import POOL_FIELDS, Pool, same
from reconciler.model.pool_fields import TAGS_FIELD
from reconciler.model.project import Ignored


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
