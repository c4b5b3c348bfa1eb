"""What counts as code: no blank lines, comments and docstrings."""

import ast
import tokenize
from io import StringIO
from pathlib import Path


def code_lines(source: str) -> list[str]:
    """Return a module's lines of code, without comments, docstrings and blank lines."""
    lines = source.splitlines()
    for token in tokenize.generate_tokens(StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            forget_docstring(node, lines)
    return [line.rstrip() for line in lines if line.strip()]


def forget_docstring(
    node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]
) -> None:
    """Empty the lines of a docstring, if there is one."""
    if ast.get_docstring(node, clean=False) is not None:
        text = node.body[0]
        for row in range(text.lineno - 1, text.end_lineno or text.lineno):
            lines[row] = ""


def count(paths: list[Path]) -> int:
    """Count the lines of code of some modules."""
    return sum(len(code_lines(path.read_text())) for path in paths)
