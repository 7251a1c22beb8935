"""Where the tests of this folder find the reference, and the dates that the documents speak of."""

from datetime import date
from pathlib import Path

REFERENCE = Path(__file__).parents[2] / "raw" / "reference"
ZONING_2009 = date(2009, 4, 29)
SHEET_2017 = date(2017, 9, 1)
YEAR_2020 = date(2020, 1, 1)
