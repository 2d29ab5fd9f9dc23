"""A package that imports its modules when they are asked for hands out what it says."""

import pytest

from reconciler import loader


@pytest.mark.parametrize("name", loader.__all__)
def test_the_loader_hands_out_what_it_names(name: str) -> None:
    found = getattr(loader, name)
    assert found.__name__ == name
    assert found.__module__.startswith("reconciler.loader.")


def test_what_it_does_not_name_is_not_there() -> None:
    with pytest.raises(AttributeError, match=r"'reconciler\.loader' has no attribute 'load_spec'"):
        _ = getattr(loader, "load_" + "spec")
