"""What kind of value a text is: a time, something a server made, or plain content."""

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", re.ASCII)
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")
OPAQUE = re.compile(r"[A-Za-z0-9_.~+-]{16,}={0,2}", re.ASCII)
MIN_BITS = 48  # of a text that nobody would have typed twice by chance

# What separates parts that a server may have made on their own: of URLs, lists, quoted tags.
SEPARATORS = re.compile(r"""([^A-Za-z0-9_.~%+:=-]+|[=:](?=.))""", re.ASCII)


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


def outline(text: str) -> str:
    """Return the form of a time, in which 0 stands for any digit: `0000-00-00T00:00:00Z`."""
    return re.sub(r"[A-Z][a-z]{2}", "Aaa", re.sub(r"\d", "0", text))


def looks_made(text: str) -> bool:
    """Tell whether a text is so random that a server must have made it: ids, tokens, digests."""
    if UUID.fullmatch(text):
        return True
    if not OPAQUE.fullmatch(text) or not re.search(r"\d", text):
        return False
    letters = {*text}
    bits = len(text) * math.log2(max(len(letters), 2))
    words = re.findall(r"[a-z]{4,}", text.lower())
    return bits >= MIN_BITS and sum(map(len, words)) < len(text) / 2


def parts(text: str) -> list[str]:
    """Split a text at what separates the parts of URLs, header fields and sentences.

    Parts stand at even places, and what separates them at odd ones.
    """
    return SEPARATORS.split(text)
