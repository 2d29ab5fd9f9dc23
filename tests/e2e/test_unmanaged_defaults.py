"""A default leaves every pool alone whose spec does not manage the field: no call, no change."""

import pytest

from tests.e2e.test_values_per_target import HEAD, PROJECT, Scene, scene

__all__ = ["scene"]

SPEC = HEAD.format(name="shop") + (
    "  IdentityPoolName: shop\n"
    "  DeveloperProviderName: login.shop\n"
    '  SupportedLoginProviders: {graph.facebook.com: "1"}\n'
)
# By field: a default of it, a key of that, the call that reads it and the one that writes it.
DEFAULTS = {
    "Roles": (
        '{authenticated: "${role.shop}"}',
        "authenticated",
        "GetIdentityPoolRoles",
    ),
    "RoleMappings": (
        "{graph.facebook.com: {Type: Token, AmbiguousRoleResolution: Deny}}",
        "graph.facebook.com",
        "GetIdentityPoolRoles",
    ),
    "PrincipalTagAttributeMaps": (
        "{login.shop: {UseDefaults: true}}",
        "login.shop",
        "GetPrincipalTagAttributeMap",
    ),
}


@pytest.mark.parametrize("field", DEFAULTS)
@pytest.mark.parametrize("layer", ["spec", "perTarget"])
def test_a_default_alone_costs_no_call_and_changes_nothing(
    scene: Scene, field: str, layer: str
) -> None:
    default, key, read = DEFAULTS[field]
    plan = ("plan", "--target", "eu", "--detailed-exitcode")
    scene.idpool.write("specs/shop.yaml", SPEC)
    assert scene.idpool.run("apply", "--yes", "--target", "eu").code == 0
    assert scene.idpool.run(*plan).code == 0
    scene.calls()
    assert scene.idpool.run(*plan).code == 0
    without = scene.calls()
    assert read not in without
    defaults = f"defaults: {{{field}: {default}, "
    scene.idpool.write("idpool.yaml", PROJECT.replace("defaults: {", defaults))

    def planned(said: str) -> int:
        line = (
            f"  {field}: {said}\n"
            if layer == "spec"
            else f"perTarget: {{eu: {{{field}: {said}}}}}\n"
        )
        scene.idpool.write("specs/shop.yaml", SPEC + (line if said else ""))
        return scene.idpool.run(*plan).code

    assert (planned(""), scene.calls()) == (0, without)
    assert (planned("null"), scene.calls()) == (0, without)
    assert (planned("{}"), read in scene.calls()) == (2, True)
    assert (planned(f"{{{key}: null}}"), read in scene.calls()) == (0, True)


def test_an_overlay_that_ends_managing_costs_no_call(scene: Scene) -> None:
    """In its target; elsewhere the default counts."""
    scene.idpool.write("specs/shop.yaml", SPEC)
    assert scene.idpool.run("apply", "--yes").code == 0
    default, _, read = DEFAULTS["Roles"]
    project = PROJECT.replace("defaults: {", f"defaults: {{Roles: {default}, ")
    scene.idpool.write("idpool.yaml", project)
    scene.idpool.write("specs/shop.yaml", SPEC + "  Roles: {}\nperTarget: {eu: {Roles: null}}\n")
    scene.calls()
    assert scene.idpool.run("plan", "--target", "eu", "--detailed-exitcode").code == 0
    assert read not in scene.calls()
    assert scene.idpool.run("plan", "--target", "us", "--detailed-exitcode").code == 2
    assert scene.calls()[read] == 1
