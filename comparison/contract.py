"""Fragments of openapi.yaml: by JSON Pointer, and rules by a phrase that they hold."""

import re
from functools import cache
from typing import Any

import yaml

from comparison.source import Excerpt, GoneError, lines_of, read

PATH = "openapi.yaml"
SENTENCE_END = re.compile(r"(?<=[.;])\s+(?=[A-Z`])")


@cache
def document() -> yaml.Node:
    """Compose the contract, so that each node knows its lines."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    node = yaml.compose("\n".join(read(PATH)), loader)
    if node is None:
        raise GoneError(f"{PATH} is empty")
    return node


def fragment(pointer: str) -> Excerpt:
    """Return the lines of what a JSON Pointer (RFC 6901) points at, with its own key."""
    node, key = document(), None
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        key, node = step(node, name, pointer)
    start = (key or node).start_mark
    # A block ends where the next key begins, which is on a line of its own.
    last = node.end_mark.line if node.end_mark.column == 0 or is_block(node) else None
    end = last if last is not None else node.end_mark.line + 1
    lines = [number for number in range(start.line + 1, end + 1) if read(PATH)[number - 1].strip()]
    return lines_of(PATH, [(lines[0], lines[-1])])


def is_block(node: yaml.Node) -> bool:
    """Tell whether a node is written over several indented lines."""
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def step(node: yaml.Node, name: str, pointer: str) -> tuple[yaml.Node, yaml.Node]:
    """Go one token down, to a key and its value."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == name:
                return key, value
    if isinstance(node, yaml.SequenceNode) and name.isdigit() and int(name) < len(node.value):
        return node.value[int(name)], node.value[int(name)]
    raise GoneError(f"{PATH}: {pointer} points at nothing any more; mend the pointer")


@cache
def sections() -> dict[str, str]:
    """Return the contract's rules by section, each as one line of prose."""
    _, rules = step(document(), "x-rules", "/x-rules")
    return {title.value: " ".join(text.value.split()) for title, text in rules.value}


def rule(reference: str) -> tuple[str, str]:
    """Return a section's title and the sentence in it that holds a phrase.

    A reference is `<section>: <phrase>`. Raises GoneError if either is not there.
    """
    title, _, phrase = reference.partition(": ")
    for sentence in SENTENCE_END.split(sections().get(title, "")):
        if phrase in sentence:
            return title, sentence
    raise GoneError(f"{PATH}: the section {title!r} no longer says {phrase!r}")
