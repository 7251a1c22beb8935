"""Characters, whichever engine reads them."""

from __future__ import annotations

import numpy as np

from pipeline.extract.pdf.chars import on_baselines


def test_fonts_of_any_ascent_stand_on_one_line() -> None:
    # Letters of a text font, and a minus sign of a font of symbols that declares itself deep under the line.
    boxes = np.array([(0.0, 91.0, 5.0, 102.0), (6.0, 95.0, 11.0, 110.0)])
    placed = on_baselines(boxes, np.array([100.0, 100.0]), np.array([10.0, 10.0]))
    assert placed.tolist() == [[0.0, 92.5, 5.0, 102.5], [6.0, 92.5, 11.0, 102.5]]


def test_a_baseline_far_from_the_glyph_is_not_its_own() -> None:
    # Vertical writing: one operator draws a whole column of glyphs from its first one's baseline.
    placed = on_baselines(np.array([(0.0, 200.0, 10.0, 210.0)]), np.array([100.0]), np.array([10.0]))
    assert placed.tolist() == [[0.0, 200.0, 10.0, 210.0]]


def test_boxes_without_height_stay_flat() -> None:
    placed = on_baselines(np.array([(0.0, 99.0, 5.0, 99.0)]), np.array([100.0]), np.array([10.0]))
    assert placed[0, 1] == placed[0, 3]
