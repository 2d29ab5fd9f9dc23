"""Walk two fields that AWS does not have through every command: for a copy of the package.

Run by ``test_made_up_fields.py`` with that copy before all else on the path; ends with an error
where a command does not know one of the fields.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.support.cli import ACCOUNT, REGION, Idpool, clean_environment
from tests.support.specs import document, yaml_of

FLAG, MEMBERS = "AllowMadeUp", "MadeUpARNs"
TF_FLAG, TF_MEMBERS = "allow_made_up", "made_up_arns"
ONE, TWO = (f"arn:aws:iam::{ACCOUNT}:saml-provider/{name}" for name in ("One", "Two"))
# But `github`, which has refusals only.
FORMATS = ("text", "json", "markdown", "html", "sarif", "junit")
DRIFT_FORMATS = ("text", "json")


class Walk:
    """The commands in one folder, one after the other."""

    def __init__(self, folder: Path, data: str) -> None:
        """``data``: where botocore finds a service with the fields."""
        settings = {"AWS_DATA_PATH": data, "AWS_REGION": REGION}
        self.folder = folder
        self.idpool = Idpool(folder, clean_environment(**settings))

    def spec(self, **fields: object) -> None:
        self.idpool.write("specs/shop.yaml", yaml_of(document("shop", fields)))

    def run(self, *words: str, code: int = 0, says: Iterable[str] = ()) -> str:
        """stdout; it, or what stands beside it, must say these words."""
        result = self.idpool.run(*words)
        assert result.code == code, (words, result.text)
        for said in says:
            assert said in result.text, (words, said, result.text)
        return result.out

    def from_a_spec_to_a_pool(self) -> None:
        self.spec(**{FLAG: "yes"})
        self.run("validate", "specs", code=1, says=[f"spec.{FLAG}"])
        self.spec(**{FLAG: True, MEMBERS: [TWO, ONE]})
        self.run("validate", "specs")
        self.run("plan", "specs", "--sandbox", says=[f"{FLAG}: true", MEMBERS, ONE, TWO])
        self.run("apply", "specs", "--sandbox", "--yes")
        self.run("plan", "specs", "--sandbox", "--detailed-exitcode")

    def import_and_every_report(self) -> None:
        (self.folder / "specs/shop.yaml").unlink()
        self.run("import", "shop", "--sandbox")
        text = (self.folder / "specs/shop.yaml").read_text()
        for said in (f"{FLAG}: true", f"{MEMBERS}:", ONE, TWO):
            assert said in text, text
        self.spec(**{FLAG: False, MEMBERS: [ONE]})
        for name in FORMATS:
            self.run("plan", "specs", "--sandbox", "--format", name, says=[FLAG, MEMBERS])
        for name in DRIFT_FORMATS:
            chosen = ("specs", "--sandbox", "--format", name)
            self.run("drift", *chosen, code=2, says=[FLAG, MEMBERS])

    def pull(self) -> None:
        self.run("pull", "shop", "--spec", "specs", "--sandbox")
        text = (self.folder / "specs/shop.yaml").read_text()
        assert "true" in text
        assert TWO in text
        self.run("plan", "specs", "--sandbox", "--detailed-exitcode")

    def update_and_roll_back(self) -> None:
        self.spec(**{FLAG: False, MEMBERS: [ONE], "AllowUnauthenticatedIdentities": True})
        receipt = str(self.folder / "receipt.json")
        self.run("apply", "specs", "--sandbox", "--yes", "--receipt", receipt)
        self.run("rollback", receipt, "--sandbox", "--apply", "--yes", says=[FLAG, MEMBERS, TWO])
        self.spec(**{FLAG: True, MEMBERS: [TWO, ONE]})
        self.run("plan", "specs", "--sandbox", "--detailed-exitcode")

    def to_other_tools_and_back(self) -> None:
        self.spec(**{FLAG: False, MEMBERS: [ONE]})
        says = [f"{FLAG}: false", MEMBERS, ONE]
        template = self.run("export", "cloudformation", "specs", says=says)
        (self.folder / "template.yaml").write_text(template.replace("false", "true"))
        says = [f"{FLAG}: true", f"{MEMBERS}:", ONE]
        self.run("convert", "cloudformation", "template.yaml", says=says)
        self.run("export", "terraform", "specs", says=[TF_FLAG, TF_MEMBERS, ONE])
        (self.folder / "state.json").write_text(json.dumps(_state()))
        self.run("convert", "terraform", "state.json", says=says)


def _state() -> dict[str, object]:
    attributes = {
        "id": f"{REGION}:0f1e2d3c-0000-4000-8000-000000000000",
        "identity_pool_name": "shop",
        TF_FLAG: True,
        TF_MEMBERS: [ONE],
    }
    resource = {
        "mode": "managed",
        "type": "aws_cognito_identity_pool",
        "name": "shop",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [{"schema_version": 0, "attributes": attributes}],
    }
    return {"version": 4, "terraform_version": "1.9.0", "resources": [resource]}


if __name__ == "__main__":
    walk = Walk(Path(sys.argv[1]), sys.argv[2])
    walk.from_a_spec_to_a_pool()
    walk.import_and_every_report()
    walk.pull()
    walk.update_and_roll_back()
    walk.to_other_tools_and_back()
