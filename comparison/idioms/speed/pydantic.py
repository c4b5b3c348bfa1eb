from pydantic import BaseModel, ConfigDict, TypeAdapter


class Todo(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    title: str
    notes: str
    completed: bool


todos_adapter = TypeAdapter(list[Todo])  # once: it compiles a validator
