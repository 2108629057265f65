"""How often Python searches this process for garbage: seldom while a storyboard is read, as usual while a run goes on."""

from __future__ import annotations

import atexit
import gc

_OBJECTS_BEFORE_A_SEARCH = 100_000
_AS_USUAL = gc.get_threshold()


def search_seldom() -> None:
    """Trees and tables live to the end, and hardly anything in them is a circle: to search a long storyboard at Python's usual pace takes
    longer than to check it."""
    gc.set_threshold(_OBJECTS_BEFORE_A_SEARCH)
    atexit.register(gc.freeze)  # nor are they searched once more at the end


def search_as_usual() -> None:
    """A run is long, and connections and their errors are circles."""
    gc.collect()
    gc.set_threshold(*_AS_USUAL)
