"""What could be typed at the cursor: read from the text as it stands and from the names of the last analysis, waiting for neither."""

from skyflow.lsp.completion.complete import complete
from skyflow.lsp.completion.cursor import Cursor, OpenBlock, read_cursor
from skyflow.lsp.completion.folders import list_files
from skyflow.lsp.completion.sight import Sight
from skyflow.lsp.completion.suggestions import Completion, FileQuestion, Suggestion, SuggestionKind

__all__ = [
    "Completion",
    "Cursor",
    "FileQuestion",
    "OpenBlock",
    "Sight",
    "Suggestion",
    "SuggestionKind",
    "complete",
    "list_files",
    "read_cursor",
]
