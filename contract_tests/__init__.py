"""The contract suite: what any server of openapi.yaml must show over HTTP."""
