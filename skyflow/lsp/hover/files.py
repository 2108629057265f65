"""What is said of a file: its measures where it is a picture, clip or sound."""

from __future__ import annotations

from skyflow.lsp.analysis import Analysis
from skyflow.lsp.open_files import MEDIA_EXTENSIONS, PICTURE_EXTENSIONS
from skyflow.lsp.wording import code, describe_media
from skyflow.source import FilesError


def describe_file(analysis: Analysis, path: str, pictures: bool) -> str:
    """One file of the project, by project path."""
    extension = path.rpartition(".")[2].lower()
    lines = [measured(analysis, path, path)]
    if pictures and extension in PICTURE_EXTENSIONS:
        lines.append(picture(analysis, path))
    return "\n\n".join(lines)


def measured(analysis: Analysis, written: str, path: str) -> str:
    """`cast/mika.jpg`: JPG, 1024 × 1536, 312 kB. Without the measures while nobody has looked at the file."""
    if path.rpartition(".")[2].lower() not in MEDIA_EXTENSIONS:
        return code(written)
    found = analysis.files.look(path)
    if found is None:
        return code(written)
    if isinstance(found, FilesError):
        return f"{code(written)} {found.problem.value}"
    return f"{code(written)}: {describe_media(found)}"


def picture(analysis: Analysis, path: str) -> str:
    """A picture in Markdown, as wide as a hover is."""
    try:
        return f"![{path.rpartition('/')[2]}]({analysis.files.disk_path(path).as_uri()}|width=240)"
    except ValueError:  # a path that is not absolute has no address
        return ""
