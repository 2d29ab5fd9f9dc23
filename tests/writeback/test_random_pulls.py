"""Any spec, in odd style and full of comments, and any live pool: what a pull leaves behind."""

from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.findings import Source
from reconciler.model.pool import POOL_FIELDS, Pool
from reconciler.model.project import Project
from reconciler.model.spec import PoolDocument, Spec
from reconciler.writeback.pulling import pull
from reconciler.writeback.verifying import Pulling, Settings
from tests.strategies import documents, examples
from tests.writeback.by_hand import live_of, plan_of
from tests.writeback.texts import changed_lines, comments_of, odd_texts, specs_of


def live_like(spec: Spec, other: PoolDocument) -> Pool:
    """Another document's pool as the live pool of a spec, read as far as the spec manages it."""
    live = live_of(Spec(source=Source(file=""), document=other))
    ours = spec.pool
    return live.model_copy(
        update={
            "Roles": (live.Roles or {}) if ours.manages_roles else None,
            "RoleMappings": (live.RoleMappings or {}) if ours.manages_roles else None,
            "PrincipalTagAttributeMaps": (live.PrincipalTagAttributeMaps or {})
            if ours.manages_principal_tags
            else None,
        }
    )


@examples(60)
@given(st.data())
def test_any_pool_is_pulled_and_every_comment_that_stays_beside_it_survives(
    data: st.DataObject,
) -> None:
    """The plan is empty after it, and no comment is lost but on lines that are gone."""
    document = data.draw(documents(name="storefront"))
    other = PoolDocument.model_validate(data.draw(documents(name="storefront")))
    text = data.draw(odd_texts(document))
    (spec,) = specs_of(text)
    live = live_like(spec, other)
    plan = plan_of({"storefront": live}, loaded=(spec,))
    pulled = pull(text, [spec], Pulling(plan, Settings(Project()), POOL_FIELDS, with_secrets=True))
    assert all(pool.is_pulled for pool in pulled.pools), (text, pulled.pools)
    (after,) = specs_of(pulled.text)
    (left,) = plan_of({"storefront": live}, loaded=(after,)).pools
    assert (left.changes, left.refusals) == ((), ())
    gone, _ = changed_lines(text, pulled.text)
    lost = comments_of(text) - comments_of(pulled.text)
    assert not lost - comments_of("".join(gone))
    assert not comments_of(pulled.text) - comments_of(text)
    assert ("\r\n" in text) == ("\r\n" in pulled.text)
    assert text.endswith("\n") == pulled.text.endswith("\n")
