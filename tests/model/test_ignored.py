"""What idpool leaves alone."""

import pytest

from reconciler.model.pool import canonical_pool, in_live_terms
from reconciler.model.project import Ignored


@pytest.mark.parametrize(
    ("ignored", "key", "left"),
    [
        (Ignored(), "team", False),
        (Ignored(), "aws:createdBy", True),
        (Ignored(), "idpool:owner", False),
        (Ignored(tags=("cost:*",)), "cost:center", True),
        (Ignored(tags=("cost:*",)), "cost", False),
        (Ignored(tags=("v?",)), "v1", True),
        (Ignored(tags=("v?",)), "v10", False),
        (Ignored(tags=("team",)), "Team", False),
        (Ignored(tags=("a", "b")), "b", True),
        (Ignored(tags=("*",)), "idpool:name", False),
        (Ignored(fields=("IdentityPoolTags",)), "team", True),
        (Ignored(fields=("IdentityPoolTags",)), "idpool:name", False),
        (Ignored(fields=("Roles",)), "team", False),
    ],
)
def test_which_tags_are_left_alone(ignored: Ignored, key: str, left: bool) -> None:
    """``aws:`` always, our own never, others by pattern or all of them."""
    assert ignored.leaves_tag(key) is left


WANTED = canonical_pool(
    {
        "IdentityPoolName": "spec",
        "AllowClassicFlow": False,
        "IdentityPoolTags": {"b": "1", "x": "1"},
    }
)
LIVE = canonical_pool(
    {
        "IdentityPoolName": "live",
        "IdentityPoolTags": {"x": "2", "a": "2", "aws:z": "2"},
        "Roles": {},
    }
)


def test_nothing_ignored_keeps_only_awss_tags() -> None:
    kept = in_live_terms(WANTED, LIVE, Ignored())
    assert kept.IdentityPoolTags == {"aws:z": "2", "b": "1", "x": "1"}
    assert kept.model_copy(update={"IdentityPoolTags": WANTED.IdentityPoolTags}) == WANTED


def test_ignored_fields_and_tags_have_the_live_value() -> None:
    kept = in_live_terms(WANTED, LIVE, Ignored(fields=("IdentityPoolName",), tags=("x",)))
    assert kept.IdentityPoolName == "live"
    assert kept.AllowClassicFlow is False
    assert list(kept.IdentityPoolTags.items()) == [("aws:z", "2"), ("b", "1"), ("x", "2")]


def test_all_tags_ignored_are_all_live_tags() -> None:
    kept = in_live_terms(WANTED, LIVE, Ignored(fields=("IdentityPoolTags",)))
    assert kept.IdentityPoolTags == LIVE.IdentityPoolTags


def test_what_is_not_managed_stays_so() -> None:
    assert in_live_terms(WANTED, LIVE, Ignored(fields=("Roles",))).Roles is None
