from pydantic import BaseModel, field_validator

from fastapi_shop.models import Tag


class TodoIn(BaseModel):
    title: str
    tags: list[str] = []


class TodoOut(TodoIn):
    @field_validator("tags", mode="before")
    @classmethod
    def slugs(cls, tags: list[Tag]) -> list[str]:
        return [tag.slug for tag in tags]
