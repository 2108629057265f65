"""What to say about blocks that are not closed or closed too often, and about files that go beyond what is read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from skyflow.diagnostics import Diagnostic, Edit, Fix, Related
from skyflow.source import SourceFile, Span
from skyflow.syntax.lexer import Token
from skyflow.syntax.rule import SYNTAX
from skyflow.syntax.trouble import BLOCKS, Trouble, shown, skip_blanks


def diagnose_unclosed(
    source: SourceFile, statement: Sequence[Token], brace: Token, left_open: tuple[Sequence[Token], Token] | None = None
) -> Diagnostic:
    """A block without its `}`; `left_open` is the outer one that the file ends in, where it is another."""
    opened = Span(source, brace.start, brace.end)
    message = f"the {_block_name(statement)} is never closed"
    related: tuple[Related, ...] = ()
    if left_open is not None:
        outer, outer_brace = left_open
        label = f"so that the {_block_name(outer)} is still open at the end of the file"
        related = (Related(Span(source, outer_brace.start, outer_brace.end), label),)
    return Diagnostic(SYNTAX, message, opened, label="opened here", help="write the `}` that ends it", related=related)


def diagnose_misplaced(source: SourceFile, statement: Sequence[Token], brace: Token, token: Token) -> Diagnostic:
    """A statement that cannot stand in the block, which most likely is not closed."""
    what = _block_name(statement)
    line = source.position(brace.start).line
    return Diagnostic(
        SYNTAX,
        f"`{token.text}` cannot stand in the {what}",
        Span(source, token.start, token.end),
        help=f"write the `}}` that ends the {what} of line {line} before it",
        related=(Related(Span(source, brace.start, brace.end), "opened here, and not closed"),),
    )


def _block_name(statement: Sequence[Token]) -> str:
    """`shot street`, `defaults`; a block whose first line is damaged is a `block`."""
    keyword, *rest = statement
    if keyword.kind not in BLOCKS:
        return "block"
    return f"{keyword.text} {rest[0].text}" if rest and keyword.kind != "DEFAULTS" else keyword.text


def diagnose_stray_brace(source: SourceFile, token: Token) -> Diagnostic:
    span = Span(source, token.start, token.end)
    fix = Fix("remove it", (Edit(span, ""),), certain=False)
    return Diagnostic(
        SYNTAX, "this `}` closes nothing", span, help="every block above is closed already; remove it", fix=fix
    )


def diagnose_depth(source: SourceFile, token: Token, most: int) -> Diagnostic:
    what = "blocks" if token.kind == "LBRACE" else "brackets"
    span = Span(source, token.start, token.end)
    return Diagnostic(SYNTAX, f"too many {what} stand in each other", span, help=f"{most} are read at most")


def diagnose_too_many(source: SourceFile, position: int, most: int) -> Diagnostic:
    message = f"the file was not read on behind {most} mistakes"
    return Diagnostic(SYNTAX, message, Span(source, position, position), help="mend those above first")


def diagnose_other_language(source: SourceFile, token: Token) -> Diagnostic | None:
    """A whole file that is JSON, as API clients write requests."""
    found = _JSON.match(source.text)
    if found is None or token.start >= found.end():
        return None
    help = "requests become a storyboard with `skyflow import`; as .json they are checked as they are"
    return Diagnostic(SYNTAX, "this is JSON, no storyboard", Span(source, token.start, token.end), help=help)


_JSON = re.compile(r"\s*(?:\[\s*)?\{\s*\"[^\"\n]*\"\s*:")


def diagnose_line_end(trouble: Trouble) -> Diagnostic:
    """Two statements on one line."""
    token, text = trouble.token, trouble.source.text
    gap_start = trouble.before.end if trouble.before else token.start
    line_start = text.rfind("\n", 0, token.start) + 1
    indent = text[line_start : skip_blanks(text, line_start)]
    edit = Edit(trouble.span(gap_start, token.start), "\n" + indent)
    message, help = f"`{shown(token.text)}` starts a statement of its own", "write it on a line of its own"
    return trouble.diagnose(message, None, help, edit, title="start a new line")
