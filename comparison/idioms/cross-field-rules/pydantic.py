from typing import Self

from pydantic import BaseModel, model_validator


class Trip(BaseModel):
    start: int
    end: int
    note: str = ""

    @model_validator(mode="after")
    def ends_after_start(self) -> Self:
        if self.end < self.start:
            raise ValueError("Must not end before it starts.")
        return self
