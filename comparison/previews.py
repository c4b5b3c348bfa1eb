"""A picture for each page, which shows where its address is shared."""

from pathlib import Path
from textwrap import wrap

from PIL import Image, ImageDraw, ImageFont

SIZE = WIDTH, HEIGHT = 1200, 630  # what https://ogp.me's readers expect
MARGIN = 80
PAPER, INK, SOFT, FLASK, DRF = "#fcfbf8", "#22262b", "#565c64", "#0b6b66", "#86305f"


def draw(title: str, text: str, path: Path) -> None:
    """Draw a page's title and a sentence about it."""
    title, text = (each.replace("–", "-") for each in (title, text))  # Pillow's font has no dash
    image = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, WIDTH // 2, 16), fill=FLASK)
    pen.rectangle((WIDTH // 2, 0, WIDTH, 16), fill=DRF)
    heading = "\n".join(wrap(title, 32))
    pen.multiline_text((MARGIN, 110), heading, INK, ImageFont.load_default(68), spacing=16)
    below = pen.multiline_textbbox((MARGIN, 110), heading, ImageFont.load_default(68), spacing=16)
    body = "\n".join(wrap(text, 58))
    pen.multiline_text((MARGIN, below[3] + 40), body, SOFT, ImageFont.load_default(36), spacing=14)
    name = "Two frameworks, one contract"
    pen.text((MARGIN, HEIGHT - 90), name, INK, ImageFont.load_default(32))
    # A palette of a few colours is a tenth of the size.
    image.quantize(16).save(path, optimize=True)
