"""One style for storyboards. Prints a token stream as text; what it says never changes, and what cannot be read is left alone."""

from skyflow.formatter.formatter import format_text

__all__ = ["format_text"]
