"""Further requests made from one that was accepted: where servers differ and generators don't look.

Each source is given a call and what was answered to it, and yields calls that inherit all that was
right about it – the ids, the rest of the body, who asks –, those first that are most likely to show
something.
"""

from lookalike.variants.methods import methods
from lookalike.variants.source import Source, Variants, asked

ALL: dict[str, Source] = {
    "methods": methods,
}

__all__ = ["ALL", "Source", "Variants", "asked"]
