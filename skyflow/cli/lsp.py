"""`skyflow lsp`: the language server, for editors."""

from __future__ import annotations

from argparse import Namespace

from skyflow.cli.outcome import Stop
from skyflow.cli.parser import Parser


def make_parser() -> Parser:
    parser = Parser(
        "lsp",
        "",
        "Answer an editor over standard input and output, in the Language Server Protocol.\nEditors start this themselves.",
        "  skyflow lsp",
    )
    parser.add_argument("--stdio", action="store_true", help="what is done anyway; some editors say it")
    return parser


def run(_arguments: Namespace) -> int:
    try:
        from skyflow.lsp import serve
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise Stop(
            "the language server needs pygls", "in the folder that skyflow was installed from: pip install '.[lsp]'"
        ) from None
    return serve()
