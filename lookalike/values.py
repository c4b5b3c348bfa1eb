"""What kind of value a text is: a time, something a server made, or plain content."""

import math
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise

RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", re.ASCII)
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")
# Versions that begin with the time at which each was made (RFC 9562, sections 5.6 and 5.7).
TIMED_UUID = re.compile(r"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[67][0-9a-fA-F]{3}-?[0-9a-fA-F-]{16,17}")
OPAQUE = re.compile(r"[A-Za-z0-9_.~+-]{16,}={0,2}", re.ASCII)
NUMBER = re.compile(r"-?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,4})?", re.ASCII)
CHANGES = {("a", "0"), ("0", "a"), ("A", "0"), ("0", "A"), ("a", "A")}  # "Aa" begins a name
MIN_BITS = 48  # of a text that nobody would have typed twice by chance
EPOCHS = (1, 1_000, 1_000_000, 1_000_000_000)  # units of a second in which machines count

# What separates parts that a server may have made on their own: of URLs, lists, quoted tags.
SEPARATORS = re.compile(r"""([^A-Za-z0-9_.~%+:=-]+|[=:](?=[^=]))""", re.ASCII)
WORDS = re.compile(r"([A-Za-z0-9]+)", re.ASCII)


def moment(text: str) -> datetime | None:
    """Read a time by RFC 3339 or HTTP-date (RFC 9110, section 5.6.7); without an offset as UTC."""
    if match := RFC3339.fullmatch(text):
        date, clock, fraction, offset = match.groups()
        digits = f".{fraction[:6]:0<6}" if fraction else ""
        try:
            found = datetime.fromisoformat(f"{date}T{clock}{digits}{offset or 'Z'}")
            return found.astimezone(UTC)
        except (ValueError, OverflowError):
            return None
    if HTTP_DATE.fullmatch(text):
        try:
            return parsedate_to_datetime(text)
        except ValueError:
            return None
    return None


def epoch(text: str, after: datetime, before: datetime) -> tuple[datetime, int] | None:
    """Read a number as a time since 1970 between two moments; return it and its unit's count."""
    try:
        number = float(text)
    except ValueError:
        return None
    for unit in EPOCHS:
        if after.timestamp() <= number / unit <= before.timestamp():
            return datetime.fromtimestamp(number / unit, UTC), unit
    return None


def outline(text: str) -> str:
    """Return the form of a time, in which 0 stands for any digit: `0000-00-00T00:00:00Z`."""
    return re.sub(r"[A-Z][a-z]{2}", "Aaa", re.sub(r"\d", "0", text))


def resolution(form: str) -> timedelta:
    """Return the smallest step of times of an outline."""
    fraction = re.search(r":00[.,](0+)", form)
    return timedelta(seconds=10 ** -min(len(fraction[1]), 6)) if fraction else timedelta(seconds=1)


def are_alike_in_form(one: str, other: str, *, is_trimmed: bool = False) -> bool:
    """Tell whether two times are written alike.

    Servers that leave zeros at the end of a fraction out (`is_trimmed`) write fractions of any
    length; those that don't write 3, 6 or 9 digits, or none.
    """
    forms = [re.sub(r"(?<=:00)[.,]0+", "", outline(text)) for text in (one, other)]
    lengths = {digits_of_fraction(text) for text in (one, other)}
    return forms[0] == forms[1] and (
        is_trimmed or len(lengths) == 1 or any(length % 3 for length in lengths)
    )


def digits_of_fraction(text: str) -> int:
    """Return how many digits the fraction of a time's seconds has."""
    match = re.search(r":\d\d[.,](\d+)", text)
    return len(match[1]) if match else 0


def looks_made(text: str) -> bool:
    """Tell whether a text is so random that a server must have made it: ids, tokens, digests."""
    if UUID.fullmatch(text):
        return True
    if not OPAQUE.fullmatch(text) or not re.search(r"\d", text):
        return False
    bits = len(text) * math.log2(max(len({*text}), 2))
    # In random texts letters and digits change often; in dates, versions and names they seldom do.
    kinds = [class_of(letter) for letter in text if letter.isalnum()]
    changes = sum(pair in CHANGES for pair in pairwise(kinds))
    return bits >= MIN_BITS and changes * 4 >= len(kinds) and len(kinds) * 4 >= len(text) * 3


def is_uuid(text: str) -> bool:
    """Tell whether a text is a UUID, with or without hyphens (RFC 9562, section 4)."""
    return UUID.fullmatch(text) is not None


def is_timed(text: str) -> bool:
    """Tell whether a text is a UUID that is greater than those that were made before it."""
    return TIMED_UUID.fullmatch(text) is not None


def are_made(one: str, other: str) -> bool:
    """Tell whether servers must have made both of two texts, in one form."""
    if is_uuid(one) != is_uuid(other):
        return False
    if looks_made(one) and looks_made(other):
        return True
    alike = len(one) == len(other) and OPAQUE.fullmatch(one) and OPAQUE.fullmatch(other)
    return bool(alike) and (looks_made(one) or looks_made(other))


def class_of(letter: str) -> str:
    """Tell small letters, capitals and digits apart."""
    return "0" if letter.isdigit() else "a" if letter.islower() else "A"


def parts(text: str) -> list[str]:
    """Split a text at what separates the parts of URLs, header fields and sentences.

    Parts stand at even places, and what separates them at odd ones.
    """
    return SEPARATORS.split(text)


def cores(one: str, other: str) -> tuple[str, str]:
    """Strip from two texts the words that both begin with, and those that both end with."""
    ours, theirs = WORDS.split(one), WORDS.split(other)
    start = 0
    while start < min(len(ours), len(theirs)) and ours[start] == theirs[start]:
        start += 1
    end = 0
    while end < min(len(ours), len(theirs)) - start and ours[-1 - end] == theirs[-1 - end]:
        end += 1
    return "".join(ours[start : len(ours) - end]), "".join(theirs[start : len(theirs) - end])
