"""Outcomes that only commands about files have: how each is brought about."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.e2e.exit_scene import STATE_FILE, TEMPLATE, WANTED, Scene, state_of, template_of
from tests.support.specs import document, yaml_of

NOWHERE = "eu-west-1:00000000-0000-0000-0000-000000000000"
SECRET = {"api.twitter.com": "key;secret"}
_HEAD = "apiVersion: idpool/v1\nkind: IdentityPool\n"
# The tag that live has not comes from another mapping, which live has.
_MERGED = f"""{_HEAD}metadata: {{name: shop}}
spec:
  IdentityPoolName: shop
  AllowClassicFlow: true
  SupportedLoginProviders: &logins {{graph.facebook.com: "1"}}
  IdentityPoolTags: {{<<: *logins, team: shop}}
"""
# There is no line where the second comment could stand.
_COMMENTED = f"""{_HEAD}metadata: &here # one
  name: &name # two
    shop
spec: {{IdentityPoolName: shop}}
"""


def to_convert(scene: Scene, **properties: Any) -> None:
    """Both files to convert, with a pool of these fields."""
    scene.idpool.write(TEMPLATE, template_of(properties))
    scene.idpool.write(STATE_FILE, state_of(properties))


def shown_only(scene: Scene, column: str) -> int:
    return scene.run(column, "--diff")


def no_pool(scene: Scene, column: str) -> int:
    """Neither in the file, nor in AWS, nor among the specs, which say that one is to go."""
    scene.idpool.write(TEMPLATE, '{"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}')
    scene.idpool.write(STATE_FILE, json.dumps({**json.loads(state_of({})), "resources": []}))
    scene.spec(document("shop", lifecycle={"delete": True}))
    remove_pools(scene)
    return scene.run(column)


def pool_is_not_there(scene: Scene, column: str) -> int:
    """The one that is named, or the spec's."""
    remove_pools(scene)
    return scene.run(column)


def remove_pools(scene: Scene) -> None:
    """Delete every pool by hand."""
    with scene.account() as account:
        for pool_id in account.pools():
            account.client.delete_identity_pool(IdentityPoolId=pool_id)


def anothers_pool(scene: Scene, column: str) -> int:
    """The one that is named carries another owner's tags."""
    scene.tag_stray({"idpool:owner": "another", "idpool:name": "stray"})
    return scene.run(column)


def pool_of_another_spec(scene: Scene, column: str) -> int:
    """The one that is named has a spec already."""
    scene.idpool.write("specs/first.yaml", yaml_of(document("first", metadata=scene.adopts())))
    return scene.run(column)


def two_of_a_name(scene: Scene, column: str) -> int:
    with scene.account() as account:
        account.create("stray")
    return scene.run(column)


def unknown_name(scene: Scene, column: str) -> int:
    """Of a spec or a field."""
    if column == "adopt":
        return scene.run(column, f"nope={NOWHERE}")
    if column.startswith("export"):
        return scene.run(column, "--id", f"nope={NOWHERE}")
    if column.startswith("simulate"):
        return scene.run(column, "--pool", "nope")
    assert scene.run(column, "--field", "Nope") == 64
    return scene.run(column, "nope")


def no_pair(scene: Scene, column: str) -> int:
    """What is to be NAME=VALUE or NAME=ID has no sign of equality."""
    options = {"adopt": (), "export": ("--id",), "convert": ("--set",)}
    return scene.run(column, *options[column.split(maxsplit=1)[0]], "nope")


def named_twice(scene: Scene, column: str) -> int:
    """What is named contradicts itself."""
    twice = {
        "apply PLAN": ("specs",),
        "import NAME": ("--all",),
        "adopt": (f"stray={scene.only_shop()}",),
        "fmt": ("-",),
        "fmt --check": ("-",),
        "simulate": ("--provider", "graph.facebook.com"),
    }
    pairs = {"export": "--id", "convert": "--set"}
    option = pairs.get(column.split(maxsplit=1)[0], "")
    words = twice.get(column) or (option, f"shop={NOWHERE}", option, f"shop={NOWHERE}")
    return scene.run(column, *words)


def unresolved(scene: Scene, column: str) -> int:
    """The template refers to a parameter without a value; Terraform knows it after the apply."""
    to_convert(scene, IdentityPoolName={"Ref": "Name"})
    template = json.loads((scene.folder / TEMPLATE).read_text(encoding="utf-8"))
    template["Parameters"] = {"Name": {"Type": "String"}}
    scene.idpool.write(TEMPLATE, json.dumps(template))
    scene.idpool.write(STATE_FILE, json.dumps(_plan_without_name()))
    return scene.run(column)


def _plan_without_name() -> Mapping[str, Any]:
    """What ``terraform show -json`` prints of a plan that makes a pool."""
    change = {
        "actions": ["create"],
        "before": None,
        "after": {"allow_unauthenticated_identities": False},
        "after_unknown": {"id": True, "identity_pool_name": True},
    }
    pool = {"address": "aws_cognito_identity_pool.shop", "mode": "managed", "name": "shop"}
    kind = {"type": "aws_cognito_identity_pool", "change": change}
    provider = {"provider_name": "registry.terraform.io/hashicorp/aws"}
    head = {"format_version": "1.2", "terraform_version": "1.9.8", "planned_values": {}}
    return {**head, "resource_changes": [{**pool, **kind, **provider}]}


def other_kind_of_file(scene: Scene, column: str) -> int:
    """Neither a template nor a state."""
    for name in (TEMPLATE, STATE_FILE):
        scene.idpool.write(name, '{"neither"')
    return scene.run(column)


def no_valid_spec(scene: Scene, column: str) -> int:
    """A pool has what no spec may say: signs in its name, tags of ours, or too many of them."""
    to_convert(scene, IdentityPoolName="no:colon")
    if column.startswith("pull"):
        with scene.account() as account:
            tags = {**account.describe(account.only_id())["IdentityPoolTags"], "IDPOOL:x": "v"}
        scene.change_live(IdentityPoolTags=tags)
    if column == "import NAME":
        scene.tag_stray({f"key{number}": "" for number in range(49)})
    return scene.run(column)


def secret_in_it(scene: Scene, column: str) -> int:
    to_convert(scene, SupportedLoginProviders=SECRET)
    scene.spec(document("shop", {"SupportedLoginProviders": SECRET}))
    return scene.run(column)


def file_is_there(scene: Scene, column: str, *more: str) -> int:
    """Where a new one is to be made; it is as it was unless ``more`` says other."""
    name = f"new/{'stray' if column == 'import NAME' else 'shop'}.yaml"
    old = yaml_of(document("other"))
    file = scene.idpool.write(name, old)
    out = name if column.startswith("export") else "new"
    code = scene.run(column, "--out", out, *more)
    assert (file.read_text(encoding="utf-8") == old) is not bool(more)
    return code


def file_is_there_by_force(scene: Scene, column: str) -> int:
    return file_is_there(scene, column, "--force")


def file_of_two_names(scene: Scene, column: str) -> int:
    """The spec's file has a hard link, which would keep the old text."""
    for name in ("shop", "stray"):
        file = scene.folder / f"specs/{name}.yaml"
        if file.exists():
            Path(scene.folder, f"{name}-again.yaml").hardlink_to(file)
    return unchanged(scene, column)


def strange_file(scene: Scene, column: str) -> int:
    """The spec's text cannot be edited without touching more than what is to change."""
    if column.startswith("pull"):
        logins = {"graph.facebook.com": "1"}
        scene.change_live(SupportedLoginProviders=logins, IdentityPoolTags={"team": "shop"})
        scene.idpool.write("specs/shop.yaml", _MERGED)
    else:
        scene.idpool.write("specs/shop.yaml", _COMMENTED)
    assert scene.idpool.run("validate", "specs").code == 0
    return unchanged(scene, column)


def changed_meanwhile(scene: Scene, column: str) -> int:
    """Somebody writes the spec's file while AWS is asked, or another file is read."""
    name, spec = ("stray", document("stray")) if column == "adopt" else ("shop", WANTED)
    text = yaml_of({**spec, "lifecycle": {"ignoreChanges": ["Roles"]}})

    def slip(*_: object) -> None:
        scene.idpool.write(f"specs/{name}.yaml", text)

    if column.startswith("fmt"):
        code = scene.format_while(column, slip)
    else:
        scene.proxy.before = slip
        code = scene.run(column)
    assert (scene.folder / f"specs/{name}.yaml").read_text(encoding="utf-8") == text
    return code


def unchanged(scene: Scene, column: str) -> int:
    """Run it; no spec is written."""
    before = spec_files(scene)
    code = scene.run(column)
    assert spec_files(scene) == before
    return code


def spec_files(scene: Scene) -> dict[str, str]:
    """The text of each spec by its file's name."""
    files = sorted((scene.folder / "specs").iterdir())
    return {file.name: file.read_text(encoding="utf-8") for file in files}
