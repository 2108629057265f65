"""What becomes of the clips: the film, a timeline for an editing program, a contact sheet. Reads plan, ledger and clips; pays nothing."""

from skyflow.report.cut import Cut, CutShot, CutTake, gather_cuts, unmade_shots
from skyflow.report.films import FilmRefused, make_film
from skyflow.report.missing import how_it_is_missing, how_it_stands, other_takes

__all__ = [
    "Cut",
    "CutShot",
    "CutTake",
    "FilmRefused",
    "gather_cuts",
    "how_it_is_missing",
    "how_it_stands",
    "make_film",
    "other_takes",
    "unmade_shots",
]
