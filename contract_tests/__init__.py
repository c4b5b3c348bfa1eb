"""The contract suite: tests that any server of openapi.yaml must pass over HTTP."""
