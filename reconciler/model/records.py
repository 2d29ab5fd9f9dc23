"""The bases of what is read from files, and of what AWS defines: pydantic models, all frozen."""

from pydantic import BaseModel, ConfigDict

from reconciler.model.base import camel_case


class Record(BaseModel):
    """Data of our own: snake_case here, camelCase in JSON and YAML."""

    # As RECORD_CONFIG has it; written out because type checkers only understand it so.
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=camel_case,
        validate_by_name=True,
        serialize_by_alias=True,
    )


class ApiShape(BaseModel):  # noqa: PLW1641 - what is frozen gets its hash from pydantic
    """Data that AWS defines: fields are called what the API calls them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __eq__(self, other: object) -> bool:
        # Half of pydantic's own price: there are neither extra fields nor private ones to look at.
        # Pools are compared more often than anything else is done with them.
        return type(self) is type(other) and self.__dict__ == other.__dict__
