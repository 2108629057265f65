"""What to say of a local file that is no picture, clip or sound."""

from __future__ import annotations

from collections.abc import Mapping

from skyflow.source import MediaFacts, MediaKind

MEDIA_NOUNS: Mapping[str, str] = {"image": "a picture", "video": "a clip", "audio": "a sound"}
_SAVED_AS: Mapping[str, str] = {"video": "MP4", "audio": "MP3 or WAV"}
_DRAWING = "export it as PNG, as large as it should be seen"
# What a file is, and what becomes of it where a picture is wanted.
OTHER_FILES: Mapping[str, tuple[str, str]] = {
    "pdf": ("a PDF", "export the page as PNG"),
    "psd": ("a Photoshop file (PSD)", "export it as PNG"),
    "svg": ("a drawing in vectors (SVG)", _DRAWING),
    "eps": ("a drawing in vectors (PostScript)", _DRAWING),
    "exr": ("an OpenEXR picture, which the model does not read", "export it as PNG"),
    "jxl": ("a JPEG XL picture, which the model does not read", "save it as JPEG or PNG"),
    "jp2": ("a JPEG 2000 picture, which the model does not read", "save it as JPEG or PNG"),
    "zip": ("an archive or an Office document", "take the picture out of it and save it as JPEG or PNG"),
    "html": (
        "a web page",
        "an error page was saved under this name, maybe; open the address in a browser and save the picture itself",
    ),
}


def no_medium(written: str, facts: MediaFacts, wanted: MediaKind) -> tuple[str, str]:
    """The message, and what to do."""
    if facts.format in OTHER_FILES:
        what, help = OTHER_FILES[facts.format]
        if wanted != "image":
            help = f"name {MEDIA_NOUNS[wanted]}, such as {_SAVED_AS[wanted]}"
        needed = "" if "picture" in what and wanted == "image" else f", and {MEDIA_NOUNS[wanted]} is needed here"
        return f"`{written}` is {what}{needed}", help
    message = f"`{written}` holds no {MEDIA_NOUNS[wanted].removeprefix('a ')} that can be read"
    return message, facts.note or "open it in a viewer; maybe it is an error page that was saved under this name"
