"""File text, places in it, and the protocol by which pure phases read files; never touches a disk itself."""

from skyflow.source.files import FileProblem, Files, FilesError, MediaFacts, MediaKind
from skyflow.source.text import Position, SourceFile, Span

__all__ = ["FileProblem", "Files", "FilesError", "MediaFacts", "MediaKind", "Position", "SourceFile", "Span"]
