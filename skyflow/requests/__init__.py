"""Shots → checked requests: sources, mentions, origins, keys; broken constraints as diagnostics at the place that caused them."""

from skyflow.requests.collect import Collector
from skyflow.requests.compiled import CompiledClip, Mode
from skyflow.requests.film import DraftMemory, Film
from skyflow.requests.films import CastFilm, Films
from skyflow.requests.keys import canonical_json, clip_key
from skyflow.requests.rules import RULES

__all__ = [
    "RULES",
    "CastFilm",
    "Collector",
    "CompiledClip",
    "DraftMemory",
    "Film",
    "Films",
    "Mode",
    "canonical_json",
    "clip_key",
]
