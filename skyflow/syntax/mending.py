"""Slips whose meaning is certain: the tokens that were meant go back to the parser, and reading goes on with nothing lost.

Each is reported with its fix, and what is read on is what the file says when the fix has been applied.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from skyflow.diagnostics import Diagnostic, Edit
from skyflow.syntax.layout import DANGLING, begins_statement
from skyflow.syntax.lexer import NEWLINE, STRAY, Token
from skyflow.syntax.slips import Trouble, diagnose_line_end
from skyflow.syntax.tables import END


@dataclass(frozen=True, slots=True)
class Mend:
    """What to read in place of the token that did not fit; with `restarts`, in place of the whole statement up to it."""

    diagnostic: Diagnostic | None
    tokens: tuple[Token, ...] = ()
    restarts: bool = False


def find_mend(trouble: Trouble) -> Mend | None:
    mends: tuple[Callable[[Trouble], Mend | None], ...] = (
        _dangling_separator,
        _semicolon,
        _colon,
        _needless_equals,
        _brace_on_next_line,
        _value_on_next_line,
        _quoted_name,
        _tag_without_at,
        _name_with_at,
        _other_word,
        _missing_line_end,
        _missing_separator,
        _comma_among_alternatives,
    )
    return next((mend for find in mends if (mend := find(trouble)) is not None), None)


def _dangling_separator(trouble: Trouble) -> Mend | None:
    token = trouble.token
    if token.kind != DANGLING:
        return None
    span = trouble.span(token.start, token.end)
    help = "write a value behind it, or remove it"
    return Mend(
        trouble.diagnose(f"nothing comes behind this `{token.text}`", span, help, Edit(span, ""), title="remove it")
    )


def _semicolon(trouble: Trouble) -> Mend | None:
    token = trouble.token
    if token.kind != STRAY or set(token.text) - set(";；") or not trouble.accepts(NEWLINE):
        return None
    span = trouble.span(token.start, token.end)
    last = trouble.ahead(1)[0].kind in (NEWLINE, END, "RBRACE")
    tokens = () if last else (Token(NEWLINE, token.start, token.end, ""),)
    message, help = f"no `{token.text}` ends a statement", "a new line ends it"
    return Mend(trouble.diagnose(message, span, help, Edit(span, "" if last else "\n"), title="remove it"), tokens)


def _colon(trouble: Trouble) -> Mend | None:
    """`prompt: "…"`."""
    token = trouble.token
    if token.kind != STRAY or token.text not in (":", "：", ":=") or not trouble.accepts("EQUAL"):
        return None
    if trouble.ahead(1)[0].kind in (NEWLINE, END, "EQUAL"):
        return None
    span = trouble.span(token.start, token.end)
    name = trouble.statement[0].text
    spaced = "= " if trouble.source.text[token.end : token.end + 1].isspace() else " = "
    edit = Edit(trouble.span(trouble.statement[-1].end, token.end), " " + spaced.lstrip())
    help = f"write `{name} = …`" if len(trouble.statement) == 1 else "write `=`"
    diagnostic = trouble.diagnose(
        f"`=` stands between a name and its value, not `{token.text}`", span, help, edit, title="write `=`"
    )
    return Mend(diagnostic, (Token("EQUAL", token.start, token.end, "="),))


def _needless_equals(trouble: Trouble) -> Mend | None:
    """`defaults = {` and `shot street: {`."""
    token = trouble.token
    if token.text not in ("=", ":") or not trouble.accepts("LBRACE") or trouble.ahead(1)[0].kind != "LBRACE":
        return None
    span = trouble.span(token.start, token.end)
    help = f"write `{trouble.statement[0].text} … {{`"
    return Mend(
        trouble.diagnose(f"no `{token.text}` stands before a block", span, help, Edit(span, ""), title="remove it")
    )


def _brace_on_next_line(trouble: Trouble) -> Mend | None:
    if trouble.token.kind != NEWLINE or not trouble.accepts("LBRACE"):
        return None
    brace = trouble.ahead(1)[0]
    if brace.kind != "LBRACE":
        return None
    return Mend(_join_lines(trouble, brace, "the `{` of a block stands on the line that it belongs to"))


def _value_on_next_line(trouble: Trouble) -> Mend | None:
    before = trouble.before
    if trouble.token.kind != NEWLINE or before is None or before.kind not in ("EQUAL", "IN", "FROM"):
        return None
    value = trouble.ahead(1)[0]
    if value.kind not in ("STRING", "TEXT_BLOCK", "TEMPLATE", "NUMBER", "QUANTITY", "RATIO", "TAG", "LSQB"):
        return None
    return Mend(_join_lines(trouble, value, f"a value starts on the line of its `{before.text}`"))


def _join_lines(trouble: Trouble, following: Token, message: str) -> Diagnostic:
    gap = trouble.span(trouble.statement[-1].end, following.start)
    span = trouble.span(following.start, following.start + min(following.end - following.start, 3))
    edits = () if gap.text.strip() else (Edit(gap, " "),)
    return trouble.diagnose(message, span, "write it behind the line above", *edits, title="join the lines")


def _quoted_name(trouble: Trouble) -> Mend | None:
    """`shot "street" {`."""
    token, before = trouble.token, trouble.before
    if token.kind != "STRING" or before is None or before.kind not in ("SHOT", "SCENE", "VAR", "FOR"):
        return None
    name = token.text[1:-1]
    if not _NAME.fullmatch(name):
        return None
    span = trouble.span(token.start, token.end)
    diagnostic = trouble.diagnose(
        "a name stands without quotes", span, f"write `{name}`", Edit(span, name), title="remove the quotes"
    )
    return Mend(diagnostic, (Token("NAME", token.start + 1, token.end - 1, name),))


_NAME = re.compile(r"[^\W\d_][\w-]*")


def _tag_without_at(trouble: Trouble) -> Mend | None:
    """`image hero = …`."""
    token = trouble.token
    if not _is_word(token) or "." in token.text or not trouble.accepts("TAG") or len(trouble.statement) != 1:
        return None
    insert = Edit(trouble.span(token.start, token.start), "@")
    span = trouble.span(token.start, token.end)
    tag = "@" + token.text
    return Mend(
        trouble.diagnose(f"a tag starts with `@`: `{tag}`", span, f"write `{tag}`", insert, title="write the `@`"),
        (Token("TAG", token.start, token.end, tag),),
    )


def _name_with_at(trouble: Trouble) -> Mend | None:
    """`shot @street {`."""
    token, before = trouble.token, trouble.before
    name = token.text[1:]
    if (
        token.kind != "TAG"
        or before is None
        or before.kind not in ("SHOT", "SCENE", "VAR", "FOR")
        or not _NAME.fullmatch(name)
    ):
        return None
    span = trouble.span(token.start, token.end)
    diagnostic = trouble.diagnose(
        "only the tag of an asset starts with `@`", span, f"write `{name}`", Edit(span, name), title="remove the `@`"
    )
    return Mend(diagnostic, (Token("NAME", token.start + 1, token.end, name),))


def _other_word(trouble: Trouble) -> Mend | None:
    """`include "cast.sky"`, `let city = "Tokyo"`."""
    token = trouble.token
    if len(trouble.statement) != 1 or trouble.statement[0].kind != "NAME":
        return None
    word = trouble.statement[0]
    if word.text in ("include", "import") and token.kind == "STRING":
        meant = Token("USE", word.start, word.end, "use")
    elif word.text in ("let", "set", "const", "variable") and _is_word(token) and trouble.ahead(1)[0].kind == "EQUAL":
        meant = Token("VAR", word.start, word.end, "var")
    else:
        return None
    span = trouble.span(word.start, word.end)
    help = f"write `{meant.text}`"
    diagnostic = trouble.diagnose(
        f"`{word.text}` is called `{meant.text}` here", span, help, Edit(span, meant.text), title=help
    )
    return Mend(diagnostic, (meant, token), restarts=True)


def _missing_line_end(trouble: Trouble) -> Mend | None:
    token = trouble.token
    if not _is_word(token) or not trouble.accepts(NEWLINE) or not begins_statement([token, *trouble.ahead(1)]):
        return None
    return Mend(diagnose_line_end(trouble), (Token(NEWLINE, token.start, token.start, ""), token))


def _missing_separator(trouble: Trouble) -> Mend | None:
    """A `,` in a list, in brackets and between the pictures of an asset; a `|` between the alternatives of a variable."""
    token, before = trouble.token, trouble.before
    if token.kind not in _VALUES or before is None:
        return None
    inside = _depth(trouble) > 0
    if (inside or trouble.statement[0].kind in ("IMAGE", "GRID", "VIDEO", "VOICE")) and trouble.accepts("COMMA"):
        kind, sign = "COMMA", ","
    elif trouble.statement[0].kind == "VAR" and trouble.accepts("VBAR"):
        kind, sign = "VBAR", "|"
    else:
        return None
    inserted = Token(kind, before.end, before.end, "")
    # One mistake, however many values it concerns.
    if any(part.kind == kind and not part.text for part in trouble.statement):
        return Mend(None, (inserted, token))
    gap = trouble.span(before.end, before.end)
    edit = Edit(gap, "," if sign == "," else " |")
    span = trouble.span(token.start, token.end)
    diagnostic = trouble.diagnose(
        f"`{sign}` is missing before this value", span, f"values stand apart by `{sign}`", edit, title=f"write `{sign}`"
    )
    return Mend(diagnostic, (inserted, token))


_VALUES = ("STRING", "TEXT_BLOCK", "TEMPLATE", "NUMBER", "QUANTITY", "RATIO", "TAG", "NAME")


def _depth(trouble: Trouble) -> int:
    kinds = [part.kind for part in trouble.statement]
    return kinds.count("LSQB") + kinds.count("LPAR") - kinds.count("RSQB") - kinds.count("RPAR")


def _comma_among_alternatives(trouble: Trouble) -> Mend | None:
    """`var city = "Tokyo" | "Osaka", "Kyoto"`."""
    token = trouble.token
    if (
        token.kind != "COMMA"
        or trouble.statement[:1] == []
        or trouble.statement[0].kind != "VAR"
        or not trouble.accepts("VBAR")
    ):
        return None
    span = trouble.span(token.start, token.end)
    diagnostic = trouble.diagnose(
        "alternatives stand apart by `|`", span, "write `|`", Edit(span, " |"), title="write `|`"
    )
    return Mend(diagnostic, (Token("VBAR", token.start, token.end, "|"),))


def _is_word(token: Token) -> bool:
    return token.kind == "NAME" or (token.text.isalpha() and token.kind.isupper() and token.kind.lower() == token.text)
