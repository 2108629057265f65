"""What was meant: names resolved, scopes, assets, shots, and the rules about them. Nothing is evaluated and no API is known here."""

from skyflow.storyboard.model import UNREAD_FILE, Asset, Group, Scope, Shot, Storyboard, Variable, loops_of
from skyflow.storyboard.references import ReferenceProblem, ShotReference, find_shot
from skyflow.storyboard.resolve import resolve
from skyflow.storyboard.rules import RULES
from skyflow.storyboard.used_files import file_diagnostic, file_help, file_rule

__all__ = [
    "RULES",
    "UNREAD_FILE",
    "Asset",
    "Group",
    "ReferenceProblem",
    "Scope",
    "Shot",
    "ShotReference",
    "Storyboard",
    "Variable",
    "file_diagnostic",
    "file_help",
    "file_rule",
    "find_shot",
    "loops_of",
    "resolve",
]
