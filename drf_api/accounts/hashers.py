"""How passwords are stored."""

from django.contrib.auth import hashers


class Argon2idPasswordHasher(hashers.Argon2PasswordHasher):
    """Argon2id at the cost that the contract's twins share."""

    memory_cost = 19456  # KiB
    time_cost = 2
    parallelism = 1
