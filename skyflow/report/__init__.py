"""What becomes of the clips: the film, a timeline for an editing program, a contact sheet. Reads plan, ledger and clips; pays nothing."""

from skyflow.report.cut import Cut, CutShot, CutTake, gather_cuts, unmade_shots
from skyflow.report.films import FilmRefused, make_film

__all__ = ["Cut", "CutShot", "CutTake", "FilmRefused", "gather_cuts", "make_film", "unmade_shots"]
