"""Pictures, clips and sounds: what they are, their frames, and animatics. The only room that imports PyAV and Pillow, and only in functions."""

from skyflow.media.clips import check_playable, save_frame
from skyflow.media.errors import INSTALL_COMMAND, MediaExtraMissing, MediaUnreadable
from skyflow.media.pictures import save_as_png
from skyflow.media.probing import Probe, probe_media
from skyflow.media.thumbnails import clip_thumbnail, picture_thumbnail

__all__ = [
    "INSTALL_COMMAND",
    "MediaExtraMissing",
    "MediaUnreadable",
    "Probe",
    "check_playable",
    "clip_thumbnail",
    "picture_thumbnail",
    "probe_media",
    "save_as_png",
    "save_frame",
]
