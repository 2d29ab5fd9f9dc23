"""What a spec means in a target: layers over each other, then references."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.project import Project, Target, TargetValues
from reconciler.specs.effective import effective, effective_specs, goes_to
from reconciler.specs.layers import map_fields
from tests.specs.conftest import FindingsOf
from tests.specs.texts import HEAD

EU = Target(name="prod-eu", account="111122223333", region="eu-west-1")
US = Target(name="prod-us", account="444455556666", region="us-east-1")
DEV = Target(name="dev", account="777788889999", region="eu-west-1")
PROJECT = Project(targets=(EU, US, DEV), file="idpool.yaml")
ROLE = "arn:aws:iam::111122223333:role/"
TOKEN = {"Type": "Token", "AmbiguousRoleResolution": "Deny"}
Fields = dict[str, Any]


def document(spec: Fields, per_target: Mapping[str, Fields] | None = None, **more: Any) -> Any:
    """A document as it is read."""
    value = {"metadata": {"name": "shop"}, "spec": {"IdentityPoolName": "shop", **spec}, **more}
    return value | {"perTarget": per_target} if per_target else value


def with_defaults(of_all: Fields, **of_target: Fields) -> Project:
    values = {name.replace("_", "-"): TargetValues({}, each) for name, each in of_target.items()}
    return replace(PROJECT, defaults=of_all, values=values)


def fields(value: Any, target: Target = EU, project: Project = PROJECT) -> Fields:
    """The fields in one target, but for the name."""
    made: Any = effective(value, target, project).value
    return {name: each for name, each in made["spec"].items() if name != "IdentityPoolName"}


def test_upper_layers_win_over_lower_ones() -> None:
    project = with_defaults(
        {
            "AllowClassicFlow": True,
            "AllowUnauthenticatedIdentities": True,
            "SamlProviderARNs": ["a"],
        },
        prod_eu={"AllowClassicFlow": False, "OpenIdConnectProviderARNs": ["target"]},
    )
    value = document(
        {"OpenIdConnectProviderARNs": ["spec"], "SamlProviderARNs": []},
        {"prod-eu": {"AllowUnauthenticatedIdentities": False}},
    )
    assert fields(value, EU, project) == {
        "AllowClassicFlow": False,
        "AllowUnauthenticatedIdentities": False,
        "SamlProviderARNs": [],
        "OpenIdConnectProviderARNs": ["spec"],
    }
    assert fields(value, DEV, project)["AllowClassicFlow"] is True


def test_maps_unite_by_their_first_key_and_lists_do_not() -> None:
    project = with_defaults({"IdentityPoolTags": {"a": "1", "b": "1"}, "SamlProviderARNs": ["a"]})
    mapping = {"Type": "Rules", "RulesConfiguration": {"Rules": []}}
    value = document(
        {"IdentityPoolTags": {"b": "2", "c": "2"}, "RoleMappings": {"x": mapping, "y": TOKEN}},
        {"prod-*": {"RoleMappings": {"x": TOKEN}, "SamlProviderARNs": ["b"]}},
    )
    assert fields(value, EU, project) == {
        "IdentityPoolTags": {"a": "1", "b": "2", "c": "2"},
        "RoleMappings": {"x": TOKEN, "y": TOKEN},
        "SamlProviderARNs": ["b"],
    }


def test_a_name_wins_over_globs_wherever_it_stands() -> None:
    per_target = {
        "prod-eu": {"IdentityPoolTags": {"a": "name"}},
        "prod-*": {"IdentityPoolTags": {"a": "glob", "b": "glob"}},
    }
    assert fields(document({}, per_target)) == {"IdentityPoolTags": {"a": "name", "b": "glob"}}


@pytest.mark.parametrize("null", [{"IdentityPoolTags": None}, {"IdentityPoolTags": {"a": None}}])
def test_null_removes_what_lies_below(null: Fields) -> None:
    project = with_defaults({"IdentityPoolTags": {"a": "1"}})
    for value in (document(null), document({}, {"*": null})):
        assert fields(value, EU, project).get("IdentityPoolTags", {}) == {}
        assert effective(value, EU, project).problems == ()


# A default of every field that is a map, with two keys.
DEFAULTS: Fields = {
    "IdentityPoolTags": {"a": "1", "b": "1"},
    "SupportedLoginProviders": {"graph.facebook.com": "1", "www.amazon.com": "1"},
    "Roles": {"authenticated": f"{ROLE}default", "unauthenticated": f"{ROLE}guest"},
    "RoleMappings": {"graph.facebook.com": TOKEN, "www.amazon.com": TOKEN},
    "PrincipalTagAttributeMaps": {"login.shop": {"UseDefaults": True}, "login.other": {}},
}
ROLES_FIELDS = {"Roles", "RoleMappings"}
UNMANAGED = {*ROLES_FIELDS, "PrincipalTagAttributeMaps"}


def test_every_map_field_has_a_default_here() -> None:
    """A new one needs its place in the table below."""
    assert set(DEFAULTS) == map_fields()


@pytest.mark.parametrize("field", DEFAULTS)
@pytest.mark.parametrize("said", ["absent", "empty", "null", "null key", "null for another key"])
@pytest.mark.parametrize("layer", ["spec", "perTarget"])
def test_defaults_never_begin_to_manage(field: str, said: str, layer: str) -> None:
    """What may be unmanaged has them only where it is managed; all other maps always have them."""
    default = DEFAULTS[field]
    first = next(iter(default))
    documents: dict[str, Fields] = {
        "absent": {},
        "empty": {field: {}},
        "null": {field: None},
        "null key": {field: {first: None}},
        "null for another key": {field: {"other": None}},
    }
    own = documents[said]
    value = document(own) if layer == "spec" else document({}, {"prod-eu": own})
    made = effective(value, EU, with_defaults(DEFAULTS))
    found = fields(value, EU, with_defaults(DEFAULTS))
    is_managed = field not in UNMANAGED or said not in ("absent", "null")
    left = {key: each for key, each in default.items() if said != "null key" or key != first}
    assert found.get(field) == (left if is_managed and said != "null" else None)
    others = (ROLES_FIELDS if field in ROLES_FIELDS else {field}) if is_managed else set()
    assert UNMANAGED & found.keys() == UNMANAGED & others
    takes_nothing = said == "null for another key" or (said == "null" and field in UNMANAGED)
    rules = [problem.rule for _, problem in made.problems]
    assert rules == (["null-removes-nothing"] if takes_nothing else [])


@pytest.mark.parametrize("field", sorted(UNMANAGED))
def test_an_overlay_that_ends_managing_leaves_no_default(field: str) -> None:
    ended = ROLES_FIELDS if field in ROLES_FIELDS else {field}
    value = document({name: {} for name in ended}, {"prod-eu": dict.fromkeys(ended)})
    project = with_defaults(DEFAULTS)
    assert not UNMANAGED & fields(value, EU, project).keys()
    assert effective(value, EU, project).problems == ()
    assert UNMANAGED & fields(value, US, project).keys() == ended


@pytest.mark.parametrize(
    ("value", "place", "rule"),
    [
        (
            document({}, {"p*": {"AllowClassicFlow": True}, "*eu": {"AllowClassicFlow": False}}),
            ("perTarget", "*eu", "AllowClassicFlow"),
            "overlay-conflict",
        ),
        (
            document(
                {"IdentityPoolTags": {"a": "0"}},
                {"p*": {"IdentityPoolTags": {"a": "1"}}, "*eu": {"IdentityPoolTags": {"a": None}}},
            ),
            ("perTarget", "*eu", "IdentityPoolTags", "a"),
            "overlay-conflict",
        ),
        (
            document({"Roles": {}, "RoleMappings": {}}, {"prod-eu": {"Roles": None}}),
            ("perTarget", "prod-eu", "Roles"),
            "half-ended",
        ),
        (
            document({"AllowClassicFlow": None}),
            ("spec", "AllowClassicFlow"),
            "null-removes-nothing",
        ),
        (
            document({}, {"prod-eu": {"Roles": {"unauthenticated": None}}}),
            ("perTarget", "prod-eu", "Roles", "unauthenticated"),
            "null-removes-nothing",
        ),
        (
            document({"RoleMappings": {"${var.x}": TOKEN, "a": TOKEN}}),
            ("spec", "RoleMappings", "a"),
            "duplicate-key",
        ),
        (
            document({"IdentityPoolTags": {"${var.x}": "b"}}),
            ("spec", "IdentityPoolTags", "${var.x}"),
            "bad-reference",
        ),
        (
            document({"IdentityPoolTags": {"a": "${secret.x#y}"}}),
            ("spec", "IdentityPoolTags", "a"),
            "unresolved-reference",
        ),
        (
            document({}, {"prod-*": {"IdentityPoolTags": {"a": "${var.y}"}}}),
            ("perTarget", "prod-*", "IdentityPoolTags", "a"),
            "unresolved-reference",
        ),
    ],
)
def test_what_is_wrong_with_layers_has_its_place(value: Any, place: Any, rule: str) -> None:
    project = replace(PROJECT, vars={"x": "a"})
    ((_, problem),) = effective(value, EU, project).problems
    assert (problem.path, problem.rule) == (place, rule)
    assert problem.fix


def test_globs_that_say_the_same_agree() -> None:
    same = {"AllowClassicFlow": True, "IdentityPoolTags": {"a": "1"}}
    assert effective(document({}, {"p*": same, "*eu": same}), EU, PROJECT).problems == ()


def test_both_halves_can_end_together() -> None:
    value = document({"Roles": {}, "RoleMappings": {}})
    value["perTarget"] = {"prod-eu": {"Roles": None, "RoleMappings": None}}
    assert fields(value) == {}
    assert set(fields(value, US)) == {"Roles", "RoleMappings"}


def test_targets_in_which_a_spec_is_the_same_are_one_group() -> None:
    value = document({"IdentityPoolName": "${var.stage}"})
    project = replace(
        PROJECT, vars={"stage": "prod"}, values={"dev": TargetValues({"stage": "dev"}, {})}
    )
    groups = [[target.name for target in each.targets] for each in effective_specs(value, project)]
    assert groups == [["prod-eu", "prod-us"], ["dev"]]


def test_targets_and_tombstones_are_names_and_globs() -> None:
    value = document({}, metadata={"name": "x", "targets": ["prod-*"]})
    value["lifecycle"] = {"delete": ["*-us"]}
    assert goes_to(value, PROJECT) == [EU, US]
    deleted = [
        effective(value, target, PROJECT).value["lifecycle"]["delete"] for target in (EU, US)
    ]
    assert deleted == [False, True]


def test_keys_and_values_are_resolved() -> None:
    project = replace(PROJECT, vars={"host": "graph.facebook.com", "id": "1"})
    value = document(
        {
            "SupportedLoginProviders": {"${var.host}": "${var.id}"},
            "RoleMappings": {"${var.host}": TOKEN},
        }
    )
    made = effective(value, EU, project)
    assert fields(value, EU, project) == {
        "SupportedLoginProviders": {"graph.facebook.com": "1"},
        "RoleMappings": {"graph.facebook.com": TOKEN},
    }
    path = ("spec", "SupportedLoginProviders", "graph.facebook.com")
    assert (made.keys[path], made.expressions[path]) == ("${var.host}", "${var.id}")
    place = made.place(path)
    assert place
    assert place.path == ("spec", "SupportedLoginProviders", "${var.host}")


TEXTS = st.sampled_from(["a", "b", "${var.v}", "${target.name}"])
KEYS = st.sampled_from(["k", "l"])


def layers(*, nullable: bool) -> st.SearchStrategy[Fields]:
    """Any fields of a few kinds."""
    none = st.none() if nullable else st.nothing()
    tags = st.dictionaries(KEYS, TEXTS | none, max_size=2)
    arns = st.fixed_dictionaries({}, optional={"authenticated": TEXTS | none})
    kinds: dict[str, Any] = {
        "AllowClassicFlow": st.booleans() | none,
        "SamlProviderARNs": st.lists(TEXTS, max_size=2) | none,
        "IdentityPoolTags": tags | none,
        "Roles": arns | none,
        "PrincipalTagAttributeMaps": st.dictionaries(KEYS, st.just({}), max_size=2) | none,
    }
    return st.fixed_dictionaries({}, optional=kinds)


def by_hand(said: list[Fields], target: Target, vars_: Mapping[str, str]) -> Fields:
    """The fields as a person would write them out: each by itself, from the top."""
    under, own = said[:2], said[2:]
    made: Fields = {}
    for name in {name for each in said for name in each}:
        asked = [each[name] for each in own if name in each]
        is_managed = name in ("AllowClassicFlow", "SamlProviderARNs", "IdentityPoolTags")
        if not is_managed and (not asked or asked[-1] is None):
            continue
        values = [each[name] for each in [*under, *own] if name in each]
        cut = max((n for n, each in enumerate(values) if each is None), default=-1)
        values = values[cut + 1 :]
        if not values:
            continue
        if not isinstance(values[-1], dict):
            made[name] = values[-1]
            continue
        united = {key: member for each in values for key, member in each.items()}
        made[name] = {key: member for key, member in united.items() if member is not None}
    return written_out(made, target, vars_)


def written_out(value: Any, target: Target, vars_: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: written_out(each, target, vars_) for key, each in value.items()}
    if isinstance(value, list):
        return [written_out(each, target, vars_) for each in value]
    if isinstance(value, str):
        return value.replace("${var.v}", vars_["v"]).replace("${target.name}", target.name)
    return value


@given(
    layers(nullable=False),
    layers(nullable=False),
    layers(nullable=True),
    st.lists(layers(nullable=True), min_size=2, max_size=2),
)
def test_layers_mean_what_a_person_would_write_out(
    of_all: Fields, of_target: Fields, spec: Fields, over: list[Fields]
) -> None:
    """Random defaults and overlays give the document that is written by hand for each target."""
    project = replace(
        PROJECT,
        vars={"v": "all"},
        defaults=of_all,
        values={"prod-eu": TargetValues({"v": "eu"}, of_target)},
    )
    value = document(spec, {"prod-*": over[0], "prod-eu": over[1]})
    assert fields(value, EU, project) == by_hand([of_all, of_target, spec, *over], EU, {"v": "eu"})
    assert fields(value, US, project) == by_hand([of_all, {}, spec, over[0]], US, {"v": "all"})
    assert fields(value, DEV, project) == by_hand([of_all, {}, spec], DEV, {"v": "all"})


def test_findings_name_the_layer_and_the_target(findings_of: FindingsOf) -> None:
    """In a spec's layer at its line, in a default at that of the project file."""
    project = replace(
        PROJECT,
        defaults={"IdentityPoolTags": {"aws:x": "1"}},
        places={("defaults", "IdentityPoolTags", "aws:x"): (4, 7)},
    )
    text = HEAD + "perTarget:\n  prod-eu: {IdentityPoolName: 'a/${target.name}'}\n"
    found = {
        (each.place, each.rule, each.path): each.message
        for each in findings_of(text, project=project)
    }
    assert set(found) == {
        ("idpool.yaml:4:7", "reserved-tag", 'defaults.IdentityPoolTags["aws:x"]'),
        ("a.yaml:8:31", "wrong-format", "perTarget.prod-eu.IdentityPoolName"),
    }
    (message,) = (each for (_, rule, _), each in found.items() if rule == "wrong-format")
    assert message.endswith("(in target prod-eu)")


@pytest.mark.parametrize(
    ("text", "column", "fix"),
    [
        ("spec: {IdentityPoolName: ${var.x}}", 26, '"${var.x}"'),
        ("spec: {IdentityPoolName: a, IdentityPoolTags: {a: x-${var.x}-y}}", 51, '"x-${var.x}-y"'),
        ("spec: {SamlProviderARNs: [${samlProvider.x}]}", 27, '"${samlProvider.x}"'),
        ("lifecycle: {delete: [*-eu]}", 22, '"*-eu"'),
        ("lifecycle: {delete: [*]}", 22, '"*"'),
        ("lifecycle: {delete: [prod-eu, *.x]}", 31, '"*.x"'),
        ("perTarget: {*-eu: {}}", 13, '"*-eu"'),
        ("*-eu: {}", 1, '"*-eu"'),
    ],
)
def test_what_yaml_reads_otherwise_is_shown_in_quotes(
    text: str, column: int, fix: str, findings_of: FindingsOf
) -> None:
    (finding,) = findings_of(f"apiVersion: idpool/v1\n{text}\n")
    assert (finding.line, finding.column, finding.rule) == (2, column, "yaml-syntax")
    assert finding.fix.endswith(f": {fix}")


@pytest.mark.parametrize(
    ("lines", "place", "rule", "fix"),
    [
        ("perTarget: {deev: {}}", "a.yaml:8:13", "unknown-target", '"dev"'),
        ('perTarget: {"test-*": {}}', "a.yaml:8:13", "unknown-target", "prod-eu"),
        ("perTarget: {dev: {}}", "a.yaml:8:13", "said-elsewhere", "metadata.targets"),
        ("lifecycle: {delete: [dev]}", "a.yaml:8:22", "said-elsewhere", "metadata.targets"),
        ('lifecycle: {delete: ["prod-*", "x*"]}', "a.yaml:8:32", "unknown-target", "prod-eu"),
        ('perTarget: {"*": {}}', "", "", ""),
    ],
)
def test_what_is_said_for_targets_that_a_spec_does_not_go_to(
    lines: str, place: str, rule: str, fix: str, findings_of: FindingsOf
) -> None:
    text = HEAD.replace("name: shop\n", 'name: shop\n  targets: ["prod-*"]\n', 1)
    found = findings_of(text + lines, project=PROJECT)
    assert [(each.place, each.rule) for each in found] == ([(place, rule)] if rule else [])
    assert all(fix in each.fix for each in found)
