"""The admin sites of both twins, each by its framework's own pages, held to the same abilities."""
