"""Names that hold a secret by mistake are masked in receipts, and found again in live."""

import pytest

from reconciler.model.pool import Pool, canonical_pool
from reconciler.model.receipt import PoolReceipt
from reconciler.planner.masked import masked, restored, secret_reason

TWITTER = "api.twitter.com"
TOKEN = {"Type": "Token", "AmbiguousRoleResolution": "Deny"}


def pool(*names: str, flow: bool = False, tagged: bool = True) -> Pool:
    """A pool whose login providers, role mappings and principal tags have these names."""
    tags = {"UseDefaults": False, "PrincipalTags": {"a": "b"}}
    return canonical_pool(
        {
            "IdentityPoolName": "shop",
            "AllowClassicFlow": flow,
            "SupportedLoginProviders": dict.fromkeys(names, TWITTER),
            "RoleMappings": dict.fromkeys(names, TOKEN),
            "PrincipalTagAttributeMaps": dict.fromkeys(names, tags) if tagged else {},
        }
    )


def reason(before: Pool, live: Pool) -> str:
    """Why a receipt of ``before`` cannot bring live back, as far as secrets go."""
    receipt = PoolReceipt(
        target="default", name="shop", pool_id=None, before=before, after=before, actions=()
    )
    return secret_reason(receipt, masked(before), masked(before), live)


@pytest.mark.parametrize("name", ["key;hush", "hush", "plain.example.com"])
def test_a_name_that_live_still_has_is_sent_back(name: str) -> None:
    """The one that is shown as the receipt has it; what the run has changed goes back with it."""
    before, live = pool(name), pool(name, flow=True)
    if name == "hush":  # roles and principal tags do not know that it is one
        before, live = (each.model_copy(update={"RoleMappings": {}}) for each in (before, live))
    assert restored(masked(before), live) == before
    assert reason(before, live) == ""


@pytest.mark.parametrize(
    ("before", "live"),
    [
        (pool("key;hush"), pool()),
        (pool("key;hush"), pool("other;hush")),
        (pool("key;hush-1", "key;hush-2"), pool("key;hush-1", "key;hush-2")),
        (pool("key;hush"), pool("key;hush", "key;hush-2")),
    ],
    ids=["gone", "another", "two were alike", "two are alike"],
)
def test_a_name_that_nobody_knows_is_not_made_up(before: Pool, live: Pool) -> None:
    """A mask is never sent to AWS, and no entry is lost to another that looks like it."""
    said = reason(before, live)
    assert said.endswith("would get its old value back")
    assert "hush" not in said


def test_names_of_roles_and_tags_count_where_logins_have_none() -> None:
    """Somebody has put the logins right, and forgotten what goes by their names."""
    before = pool("key;hush").model_copy(update={"SupportedLoginProviders": {}})
    assert reason(before, pool("key;hush")) == ""
    assert reason(before, pool()) == "key;**** would get its old value back"


def test_a_masked_pool_shows_no_name() -> None:
    """Neither as Python shows it nor as JSON."""
    shown = masked(pool("key;hush"))
    assert "hush" not in repr(shown.__dict__) + pool("key;hush").model_dump_json()
    assert masked(shown) == shown
