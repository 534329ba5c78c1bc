"""Looks at a screenshot: how much of a colour there is, and where."""

import re

from PIL import Image

Box = tuple[int, int, int, int]
Colour = tuple[int, int, int]

# What antialiasing of a line's middle leaves of its colour.
TOLERANCE = 12


def colour_of(css: str) -> Colour:
    """Of what getComputedStyle() says: rgb(33, 102, 217)."""
    red, green, blue = (int(number) for number in re.findall(r"\d+", css)[:3])
    return red, green, blue


def columns_with(picture: Image.Image, box: Box, colour: Colour) -> int:
    """How many columns of pixels within the box have the colour somewhere."""
    part = picture.crop(box)
    width, height = part.size
    pixels = part.load()
    return sum(
        any(
            all(abs(have - want) <= TOLERANCE for have, want in zip(pixels[x, y], colour))
            for y in range(height)
        )
        for x in range(width)
    )


def mean_brightness(picture: Image.Image) -> float:
    """From 0, black, to 255, white."""
    return picture.convert("L").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
