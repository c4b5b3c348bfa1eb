"""What is put in place of something in Django or DRF, and can be taken away again."""

from typing import Any


class Replacement:
    """A new attribute for a class or a module."""

    def __init__(self, owner: Any, name: str, new: Any) -> None:
        self.owner, self.name, self.new = owner, name, new
        self.original = vars(owner)[name]

    def install(self) -> None:
        setattr(self.owner, self.name, self.new)

    def remove(self) -> None:
        setattr(self.owner, self.name, self.original)
