"""The language server: what an editor may ask about a storyboard that is being written. Its coordinates exist only here.

Nothing here knows the language by itself: it shows what the other rooms say. Open texts rule over files; media are looked at in the
background, and nothing ever waits for them or for a network.
"""

from skyflow.lsp.server import serve

__all__ = ["serve"]
