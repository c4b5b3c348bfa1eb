from pydantic import BaseModel, Field, computed_field


class Item(BaseModel):
    done: bool


class Todo(BaseModel):
    title: str
    items: list[Item] = Field(exclude=True)

    @computed_field
    @property
    def progress(self) -> dict[str, int]:
        done = sum(item.done for item in self.items)
        return {"done": done, "total": len(self.items)}
