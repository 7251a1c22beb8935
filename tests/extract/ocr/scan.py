"""A typeset PDF as a scanner makes it: pictures of pages at 300 dots an inch, a little blurred, grainy, askew."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pypdfium2
from PIL import Image, ImageFilter


def scanned(pdf: bytes, dots: int = 300, askew: float = 0.0, grain: float = 6.0) -> bytes:
    """The same pages without any text. `askew` in degrees; `grain` is the spread of grey noise."""
    chance = np.random.default_rng(7)
    pages = []
    with pypdfium2.PdfDocument(pdf) as document:
        for n in range(len(document)):
            picture = document[n].render(scale=dots / 72, grayscale=True).to_pil().convert("L")
            if askew:
                picture = picture.rotate(askew, Image.Resampling.BICUBIC, fillcolor=255)
            picture = picture.filter(ImageFilter.GaussianBlur(0.6))
            grey = np.asarray(picture, np.float64) + chance.normal(0.0, grain, (picture.height, picture.width))
            pages.append(Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)))
    made = BytesIO()
    pages[0].save(made, "PDF", resolution=dots, save_all=True, append_images=pages[1:], quality=85)
    return made.getvalue()
