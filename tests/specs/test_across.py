"""Rules between documents, and between them and the project."""

import pytest

from tests.specs.conftest import TWO_TARGETS, FindingsOf
from tests.specs.texts import HEAD, POOL_ID

OTHER_ID = POOL_ID.replace("0f1e", "0000")


def _spec(metadata: str) -> str:
    return HEAD.replace("metadata:\n  name: shop", f"metadata: {metadata}")


def test_the_second_spec_of_a_name_is_the_finding(findings_of: FindingsOf) -> None:
    """It names the place of the first; a document with other errors counts too."""
    found = findings_of(HEAD, f"---\n{HEAD}  Foo: 1\n---\n{HEAD}")
    assert [(each.place, each.rule) for each in found] == [
        ("b.yaml:5:9", "duplicate-name"),
        ("b.yaml:8:3", "unknown-field"),
        ("b.yaml:13:9", "duplicate-name"),
    ]
    assert "a.yaml:4:9" in found[0].message


@pytest.mark.parametrize(
    ("metadata", "place", "rule", "message", "fix"),
    [
        ("{name: a, targets: [prod-eu, prd-us]}", "3:40", "unknown-target", "", '"prod-us"'),
        ("{name: a, targets: [xyz]}", "3:31", "unknown-target", '"xyz"', "prod-eu and prod-us"),
        (
            f"{{name: a, adopt: {{xyz: '{POOL_ID}'}}}}",
            "3:29",
            "unknown-target",
            '"xyz"',
            "write one",
        ),
        (
            f"{{name: a, adopt: '{POOL_ID}'}}",
            "3:28",
            "adopt-needs-targets",
            "goes to 2",
            "{prod-eu:",
        ),
        (
            f"{{name: a, targets: [prod-eu], adopt: {{prod-us: '{POOL_ID}'}}}}",
            "3:49",
            "adopt-elsewhere",
            'does not go to target "prod-us"',
            "add it",
        ),
    ],
)
def test_targets_are_those_of_the_project(
    metadata: str, place: str, rule: str, message: str, fix: str, findings_of: FindingsOf
) -> None:
    """In metadata.targets, and as keys of metadata.adopt."""
    (finding,) = findings_of(_spec(metadata), project=TWO_TARGETS)
    assert (finding.place, finding.rule) == (f"a.yaml:{place}", rule)
    assert message in finding.message
    assert fix in finding.fix


def test_without_a_project_there_is_no_target_to_name(findings_of: FindingsOf) -> None:
    """The message says where targets come from."""
    (finding,) = findings_of(_spec("{name: a, targets: [prod-eu]}"))
    assert finding.rule == "unknown-target"
    assert "targets are named in the project file" in finding.message


def test_one_id_is_enough_for_one_target(findings_of: FindingsOf) -> None:
    """Whether there is no other, or the spec goes to no other."""
    assert findings_of(_spec(f"{{name: a, adopt: '{POOL_ID}'}}")) == []
    one = _spec(f"{{name: a, targets: [prod-eu], adopt: '{POOL_ID}'}}")
    assert findings_of(one, project=TWO_TARGETS) == []


def test_a_pool_has_one_spec(findings_of: FindingsOf) -> None:
    """The same id twice in one target is the finding; in two targets it is two pools."""
    there = POOL_ID.replace("eu-west-1", "us-east-1")
    both = f"{{prod-eu: '{POOL_ID}', prod-us: '{there[:-1]}1'}}"
    found = findings_of(
        _spec(f"{{name: a, adopt: {both}}}"),
        _spec(f"{{name: b, targets: [prod-eu], adopt: '{POOL_ID}'}}"),
        _spec(f"{{name: c, targets: [prod-us], adopt: {{prod-us: '{there}'}}}}"),
        project=TWO_TARGETS,
    )
    assert [(each.place, each.rule) for each in found] == [("b.yaml:3:48", "duplicate-adopt")]
    assert "a.yaml:3:38" in found[0].message


@pytest.mark.parametrize(
    ("first", "second", "place", "told"),
    [
        ("{name: a, formerNames: [x, a]}", "{name: b}", "a.yaml:3:38", "the present name of this"),
        ("{name: a, formerNames: [b]}", "{name: b}", "a.yaml:3:35", "another spec: b.yaml:3:18"),
        (
            "{name: a, formerNames: [x]}",
            "{name: b, formerNames: [y, x]}",
            "b.yaml:3:38",
            "a former name of another spec: a.yaml:3:35",
        ),
    ],
    ids=["its own", "a spec's", "claimed twice"],
)
def test_a_former_name_stands_for_one_pool(
    findings_of: FindingsOf, first: str, second: str, place: str, told: str
) -> None:
    """Which has one spec: whichever was planned first would take it over."""
    found = findings_of(_spec(first), _spec(second))
    assert [(each.place, each.rule) for each in found] == [(place, "former-name")]
    assert told in found[0].message


def test_former_names_that_nobody_else_has_are_fine(findings_of: FindingsOf) -> None:
    """Several for one spec, and one twice."""
    assert findings_of(_spec("{name: a, formerNames: [x, y, x]}"), _spec("{name: b}")) == []


@pytest.mark.parametrize(
    "metadata",
    ["[a]", "{name: [a], targets: a, adopt: 5}", "{name: a, targets: [5], adopt: {a: 5}}"],
)
def test_metadata_of_wrong_types_is_left_to_the_schema(
    metadata: str, findings_of: FindingsOf
) -> None:
    """No second finding for the same place."""
    found = findings_of(_spec(metadata))
    assert found
    places = [(each.place, each.path) for each in found]
    assert len(places) == len(set(places))
