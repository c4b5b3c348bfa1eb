"""A reference model of the contract, and a state machine that holds the servers to it."""
