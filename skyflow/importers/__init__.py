"""What exists elsewhere becomes storyboard text: requests for the API, screenplays. Reads text, never a file, and never checks a storyboard.

Nothing is dropped silently: what a storyboard cannot say is a refusal, and what a person must still provide is a list.
"""

from skyflow.importers.imported import Imported, MissingPicture, Refusal
from skyflow.importers.requests import import_requests
from skyflow.importers.screenplay import import_fountain

__all__ = ["Imported", "MissingPicture", "Refusal", "import_fountain", "import_requests"]
