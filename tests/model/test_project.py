"""The project's settings, specs and targets as the other rooms see them."""

from reconciler.model.findings import Source
from reconciler.model.live import LivePool, LiveTarget
from reconciler.model.pool import canonical_pool
from reconciler.model.project import Target
from reconciler.model.spec import PoolDocument, Spec, spec_as_api

ROLE = "arn:aws:iam::111122223333:role/idpool"


def a_spec(**metadata: object) -> Spec:
    told = {
        "apiVersion": "idpool/v1",
        "kind": "IdentityPool",
        "metadata": {"name": "a", **metadata},
        "spec": {"IdentityPoolName": "A", "Roles": {"authenticated": ROLE}},
    }
    return Spec(source=Source(file="a.yaml"), document=PoolDocument.model_validate(told))


def test_a_spec_goes_where_it_says_or_everywhere() -> None:
    assert a_spec().goes_to("anywhere")
    assert a_spec(targets=["eu"]).goes_to("eu")
    assert not a_spec(targets=["eu"]).goes_to("us")


def test_adopt_is_one_id_or_one_for_each_target() -> None:
    assert a_spec().adopted_id("eu") is None
    assert a_spec(adopt="eu-west-1:0").adopted_id("eu") == "eu-west-1:0"
    both = a_spec(adopt={"eu": "eu-west-1:0"})
    assert (both.adopted_id("eu"), both.adopted_id("us")) == ("eu-west-1:0", None)


def test_what_a_spec_leaves_out_is_not_in_the_apis_shape() -> None:
    """Neither an unmanaged field nor a role that is not named."""
    api = spec_as_api(a_spec().document.spec)
    assert api["Roles"] == {"authenticated": ROLE}
    assert "RoleMappings" not in api
    assert "PrincipalTagAttributeMaps" not in api


def test_a_live_pool_knows_whose_it_is() -> None:
    tags = {"idpool:owner": "acme", "idpool:name": "a"}
    ours = LivePool(pool_id="x", pool=canonical_pool({"IdentityPoolTags": tags}))
    assert (ours.owner, ours.spec_name) == ("acme", "a")
    nobodys = LivePool(pool_id="x", pool=canonical_pool({}))
    assert (nobodys.owner, nobodys.spec_name) == (None, None)


def test_the_account_that_answers_is_the_named_one_or_none_is_named() -> None:
    target = Target(name="eu", account="1")
    assert LiveTarget(target=target).is_the_named_account
    assert LiveTarget(target=target, expected_account="1").is_the_named_account
    assert not LiveTarget(target=target, expected_account="2").is_the_named_account
