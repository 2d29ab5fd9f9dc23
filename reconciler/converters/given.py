"""What the reader of a template, state or plan knows, and the file does not say."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model.project import Project


@dataclass(slots=True)
class Given:
    """Values from the command line, and the project that the specs go to.

    ``parameters`` by name, pseudo parameters among them; ``values`` by ``LogicalId`` (what Ref
    gives), ``LogicalId.Attr`` (what GetAtt gives), or the place that a value is missing at.
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    project: Project = field(default_factory=Project)

    def value(self, name: str) -> str | None:
        """A value, if it was given; it counts as used."""
        if name not in self.values:
            return None
        self.used.add(name)
        return self.values[name]

    @property
    def unused(self) -> list[str]:
        """Names of values that nothing has asked for: misspelt, most likely."""
        return sorted(set(self.values) - self.used)

    @property
    def account(self) -> str | None:
        """The account id, if it was given."""
        return self.parameters.get("AWS::AccountId")

    @property
    def region(self) -> str | None:
        """The region, if it was given."""
        return self.parameters.get("AWS::Region")
