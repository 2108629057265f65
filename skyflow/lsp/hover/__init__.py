"""What the editor says of the thing under the pointer: a tag, a variable, a shot, a word of the language, a mistake."""

from skyflow.lsp.hover.hover import Hover, hover_at

__all__ = ["Hover", "hover_at"]
