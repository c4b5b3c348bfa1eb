"""Requests that nginx answers itself, or changes, and why.

What it refuses can't be configured. Ordinary clients send none of these.
"""

# Probes of contract_tests/raw_http, by theme and name: nginx answers 400 with a page of its own.
REFUSED = {
    "a Content-Length is a number of 63 bits to nginx": [
        f"bodies: Content-Length: {length} and nothing behind it"
        for length in (2**63, 2**64, 10**30)
    ],
}

# Conversations that may end without an answer, where the twins give one.
UNANSWERED = {
    "who hangs up in the middle of a request is not answered, and the request reaches no twin": [
        "a body that is too large and never comes",
    ],
}

# Refusals of gunicorn's that become other statuses: nginx reads more leniently than gunicorn, and
# what it passes on is well-formed.
MENDED = {
    "two spaces": 200,
    "a space behind the version": 200,
    "HTTP/1.10": 200,
    "line feeds alone": 200,
    "line feed in a value": 200,  # as the end of the line that it is
    "no colon": 200,  # the line is dropped
    # HTTP/0.9, which has no status line; nginx puts it to the twins as 1.1 without a Host.
    "no version": 0,
}
