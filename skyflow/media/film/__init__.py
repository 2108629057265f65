"""Clips joined into one film: the picture copied where all clips agree, encoded anew where they do not; the sound always anew, in step with it."""

from skyflow.media.film.join import Joined, is_film, join_clips
from skyflow.media.film.survey import ClipSurvey, survey_clip

__all__ = ["ClipSurvey", "Joined", "is_film", "join_clips", "survey_clip"]
