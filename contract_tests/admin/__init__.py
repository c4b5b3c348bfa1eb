"""The admin sites of both twins: the same tests, through each framework's own pages."""
