"""What Schemathesis generates from the contract goes to both twins, which must answer alike."""
