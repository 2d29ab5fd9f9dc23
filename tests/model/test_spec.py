"""The pool of a spec is made once, and is always that of its document."""

from reconciler.model.findings import Source
from reconciler.model.pool import canonical_pool
from reconciler.model.spec import PoolDocument, Spec
from tests.support.specs import document


def spec(name: str) -> Spec:
    return Spec(source=Source(file="a.yaml"), document=PoolDocument.model_validate(document(name)))


def test_a_copy_with_another_document_has_the_pool_of_that_document() -> None:
    first = spec("first")
    assert first.pool.IdentityPoolName == "first"
    second = first.model_copy(update={"document": spec("second").document})
    assert second.pool == canonical_pool({"IdentityPoolName": "second", "AllowClassicFlow": False})
    assert first.pool.IdentityPoolName == "first"


def test_having_made_its_pool_does_not_change_a_spec() -> None:
    one, other = spec("same"), spec("same")
    told = one.model_dump_json()
    assert one.pool is one.pool
    assert one == other
    assert other == one
    assert one.model_dump_json() == told
    assert repr(one) == repr(other)
