"""Further requests made from one that was accepted: where servers differ and generators don't look.

Each source is given a call and what was answered to it, and yields calls that inherit all that was
right about it – the ids, the rest of the body, who asks –, those first that are most likely to show
something.
"""

from lookalike.variants import bodies, parameters
from lookalike.variants.authentication import authentication, by_others
from lookalike.variants.bodies import broken, content_types, members, near_misses
from lookalike.variants.conditions import conditions
from lookalike.variants.ill_formed import ill_formed
from lookalike.variants.methods import methods
from lookalike.variants.negotiation import negotiation
from lookalike.variants.order import order
from lookalike.variants.pages import filters, walks
from lookalike.variants.parameters import header_fields, queries
from lookalike.variants.paths import paths
from lookalike.variants.replays import replays
from lookalike.variants.source import Source, Variants, asked, renewing
from lookalike.variants.writes import at_once, back, patches, writes

ILL_FORMED = "ill-formed requests"
# Those first that find most for each request that they cost.
SOURCES: dict[str, Source] = {
    "all at once": at_once,
    "merge patch": patches,
    "writes": writes,
    "members at once": bodies.together,
    "parameters at once": parameters.together,
    "writing back": back,
    "replays": replays,
    "conditional requests": conditions,
    "page walks": walks,
    "filters": filters,
    "members": members,
    "near misses": near_misses,
    "queries": queries,
    "order of checks": order,
    "authentication": authentication,
    "methods": methods,
    "negotiation": negotiation,
    "content types": content_types,
    "paths": paths,
    "broken bodies": broken,
    "header fields": header_fields,
    ILL_FORMED: ill_formed,
}
# A replay is the same again, or it is none: that source renews its texts by itself.
ALL = {
    name: source if source is replays else renewing(source, index)
    for index, (name, source) in enumerate(SOURCES.items())
}
# Servers differ in which of these they do, and hold different things after such writes.
LAST = (ILL_FORMED, "negotiation")
# Those that take many calls until they have shown anything: how many times as many turns they have.
LONG = {"members at once": 5, "parameters at once": 5, "page walks": 20, "filters": 5}

__all__ = ["ALL", "ILL_FORMED", "LAST", "LONG", "Source", "Variants", "asked", "by_others"]
