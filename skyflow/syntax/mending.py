"""Slips whose meaning is certain: the tokens that were meant go back to the parser, and reading goes on with nothing lost.

Each is reported with its fix, and what is read on is what the file says when the fix has been applied.
"""

from __future__ import annotations

from collections.abc import Callable

from skyflow.diagnostics import Diagnostic, Edit
from skyflow.syntax.alternatives import comma_among_alternatives, other_sign_among_alternatives
from skyflow.syntax.block_mistakes import diagnose_line_end
from skyflow.syntax.layout import DANGLING, begins_statement
from skyflow.syntax.lexer import NEWLINE, STRAY, Token
from skyflow.syntax.mend import Mend, inserted, is_word
from skyflow.syntax.name_mending import (
    missing_at,
    name_of_two_words,
    name_with_at,
    numbered_name,
    other_word,
    quoted_name,
    tag_with_blank,
    tag_without_at,
)
from skyflow.syntax.slips import nearest_keyword, spoken_line
from skyflow.syntax.tables import END
from skyflow.syntax.trouble import ASSETS, BLOCKS, LOOK_AHEAD, WORDS_OF_USE, Trouble, shown, skip_blanks


def find_mend(trouble: Trouble) -> Mend | None:
    """The first slip that this is, or None."""
    mends: tuple[Callable[[Trouble], Mend | None], ...] = (
        _dangling_separator,
        _semicolon,
        _needless_sign_before_block,
        _colon,
        _colon_equals,
        _double_equals,
        _brace_on_next_line,
        _missing_brace,
        _value_on_next_line,
        _equals_on_next_line,
        quoted_name,
        numbered_name,
        tag_without_at,
        tag_with_blank,
        name_with_at,
        other_word,
        name_of_two_words,
        missing_at,
        _missing_line_end,
        _missing_separator,
        comma_among_alternatives,
        other_sign_among_alternatives,
        _missing_equals,
    )
    return next((mend for find in mends if (mend := find(trouble)) is not None), None)


# --- signs ----------------------------------------------------------------------------------------------------------


def _dangling_separator(trouble: Trouble) -> Mend | None:
    token = trouble.token
    if token.kind != DANGLING:
        return None
    span = trouble.span(token.start, token.end)
    message, help = f"nothing comes behind this `{token.text}`", "write a value behind it, or remove it"
    return Mend(trouble.diagnose(message, span, help, Edit(span, ""), title="remove it", certain=False))


def _semicolon(trouble: Trouble) -> Mend | None:
    token = trouble.token
    if token.kind != STRAY or set(token.text) - set(";；") or not trouble.accepts(NEWLINE):
        return None
    span = trouble.span(token.start, token.end)
    last = trouble.ahead(1)[0].kind in (NEWLINE, END, "RBRACE")
    tokens = () if last else (Token(NEWLINE, token.start, token.end, ""),)
    message, help = f"a statement does not end with `{token.text}`", "the end of its line ends it"
    title = "remove it" if last else "start a new line"
    return Mend(trouble.diagnose(message, span, help, Edit(span, "" if last else "\n"), title=title), tokens)


def _colon(trouble: Trouble) -> Mend | None:
    """`prompt: "…"`."""
    token = trouble.token
    if token.kind != STRAY or token.text not in (":", "：") or not trouble.accepts("EQUAL"):
        return None
    if trouble.ahead(1)[0].kind in (NEWLINE, END, "EQUAL") or spoken_line(trouble) is not None:
        return None
    before = trouble.statement[-1]
    blank_follows = trouble.source.text[token.end : token.end + 1].isspace()
    edit = Edit(trouble.span(before.end, token.end), " =" if blank_follows else " = ")
    message = f"`=` stands between a name and its value, not `{token.text}`"
    diagnostic = trouble.diagnose(message, None, f"write `{before.text} = …`", edit, title="write `=`")
    return Mend(diagnostic, (Token("EQUAL", token.start, token.end, "="),))


def _colon_equals(trouble: Trouble) -> Mend | None:
    """`prompt := "…"`."""
    token, following = trouble.token, trouble.ahead(1)[0]
    if (
        token.kind != STRAY
        or token.text not in (":", "：")
        or following.kind != "EQUAL"
        or not trouble.accepts("EQUAL")
    ):
        return None
    span = trouble.span(token.start, following.end)
    edit = Edit(trouble.span(token.start, token.end), "")
    return Mend(trouble.diagnose("`=` alone stands between a name and its value", span, "remove the `:`", edit))


def _double_equals(trouble: Trouble) -> Mend | None:
    """`duration == 5s`."""
    token, before = trouble.token, trouble.before
    if token.kind != "EQUAL" or before is None or before.kind != "EQUAL" or trouble.ahead(1)[0].kind == "EQUAL":
        return None
    edit = Edit(trouble.span(before.end, token.end), "")
    return Mend(trouble.diagnose("one `=` is enough", None, "remove the second", edit))


def _missing_equals(trouble: Trouble) -> Mend | None:
    """`duration 5s`."""
    token = trouble.token
    if not trouble.accepts("EQUAL") or token.kind not in (*_VALUES, "LSQB") or trouble.open_string:
        return None
    before = trouble.statement[-1]
    if len(trouble.statement) == 1 and not _is_setting(trouble, before, token):
        return None
    gap = trouble.span(before.end, token.start)
    help = f"write `{before.text} = {'…' if token.kind == 'LSQB' else shown(token.text)}`"
    place = trouble.span(before.start, before.end)
    diagnostic = trouble.diagnose(
        f"`=` is missing behind `{before.text}`", place, help, Edit(gap, " = "), title="write `=`"
    )
    return Mend(diagnostic, (Token("EQUAL", before.end, token.start, "="), token))


def _is_setting(trouble: Trouble, name: Token, value: Token) -> bool:
    """Whether a word and what follows it are a setting rather than a misspelt keyword or a line of prose."""
    if name.kind != "NAME" or name.text in WORDS_OF_USE:
        return False
    if nearest_keyword(name.text) is not None and value.kind in ("NAME", "STRING", "TAG", "QUANTITY"):
        return False
    return not is_word(value) or trouble.ahead(1)[0].kind in (NEWLINE, END, "RBRACE")


# --- lines and blocks -----------------------------------------------------------------------------------------------


def _needless_sign_before_block(trouble: Trouble) -> Mend | None:
    """`defaults = {` and `shot street: {`."""
    token = trouble.token
    if token.text not in ("=", ":") or not trouble.accepts("LBRACE") or trouble.ahead(1)[0].kind != "LBRACE":
        return None
    before = trouble.statement[-1]
    span = trouble.span(token.start, token.end)
    edit = Edit(trouble.span(before.end, token.end), "")
    return Mend(trouble.diagnose(f"no `{token.text}` stands before a block", span, "remove it", edit))


def _brace_on_next_line(trouble: Trouble) -> Mend | None:
    if trouble.token.kind != NEWLINE or not trouble.accepts("LBRACE"):
        return None
    brace = trouble.ahead(1)[0]
    if brace.kind != "LBRACE":
        return None
    return Mend(_join_lines(trouble, brace, "the `{` of a block stands on its first line"))


def _missing_brace(trouble: Trouble) -> Mend | None:
    """`shot street` or `shot street:` with its settings indented below."""
    token = trouble.token
    if not trouble.accepts("LBRACE") or trouble.keyword not in BLOCKS:
        return None
    ahead = trouble.ahead(2)
    if token.kind == STRAY and token.text == ":" and ahead[0].kind == NEWLINE:
        following = ahead[-1]
    elif token.kind == NEWLINE:
        following = ahead[0]
    else:
        return None
    head = trouble.statement[0]
    position = trouble.source.position
    if following.kind in (END, "RBRACE") or position(following.start).column <= position(head.start).column:
        return None
    before = trouble.statement[-1]
    span = trouble.span(head.start, before.end)
    sign_end = token.end if token.kind == STRAY else before.end
    edits = [Edit(trouble.span(before.end, sign_end), " {")]
    help, title = "write `{` behind it", "write `{`"
    closing = _end_of_indented(trouble, head)
    if closing is not None:
        place = trouble.source.position(closing[0]).line
        edits.append(Edit(trouble.span(closing[0], closing[0]), closing[1]))
        help, title = f"write `{{` behind it, and `}}` below line {place}, where it ends", "write `{` and `}`"
    what = f"{head.text} {trouble.statement[1].text}" if len(trouble.statement) > 1 else head.text
    diagnostic = trouble.diagnose(f"the `{{` of {what} is missing", span, help, *edits, title=title)
    tokens = (inserted("LBRACE", before.end), token) if token.kind == NEWLINE else (inserted("LBRACE", before.end),)
    return Mend(diagnostic, tokens)


def _end_of_indented(trouble: Trouble, head: Token) -> tuple[int, str] | None:
    """Where a block that is shown by indentation alone ends, and the `}` for there; None where it has one, or nothing tells."""
    source, text = trouble.source, trouble.source.text
    depth = source.position(head.start).column
    line_start = text.rfind("\n", 0, head.start) + 1
    end = text.find("\n", trouble.token.start)
    region_start = at = end + 1
    while 0 < at < len(text):
        line_end = text.find("\n", at)
        line_end = len(text) if line_end == -1 else line_end
        line = text[at:line_end]
        if line.strip():
            if skip_blanks(line, 0) + 1 <= depth:
                if line.lstrip().startswith("}"):
                    return None
                break
            end = line_end
        at = line_end + 1
    if end < region_start or text.count('"""', region_start, end) % 2:
        return None  # a text block may hold lines that are not indented
    return end - (text[end - 1] == "\r"), "\n" + text[line_start : head.start] + "}"


def _value_on_next_line(trouble: Trouble) -> Mend | None:
    before = trouble.before
    if trouble.token.kind != NEWLINE or before is None or before.kind not in ("EQUAL", "IN", "FROM"):
        return None
    value = trouble.ahead(1)[0]
    if value.kind not in (*_VALUES, "LSQB") or is_word(value):
        return None
    return Mend(_join_lines(trouble, value, f"a value starts on the line of its `{before.text}`"))


def _equals_on_next_line(trouble: Trouble) -> Mend | None:
    if trouble.token.kind != NEWLINE or not trouble.statement or not trouble.accepts("EQUAL"):
        return None
    equals = trouble.ahead(1)[0]
    return Mend(_join_lines(trouble, equals, "`=` stands on the line of its name")) if equals.kind == "EQUAL" else None


def _join_lines(trouble: Trouble, following: Token, message: str) -> Diagnostic:
    gap = trouble.span(trouble.statement[-1].end, following.start)
    width = 3 if following.kind == "TEXT_BLOCK" else following.end - following.start
    span = trouble.span(following.start, following.start + width)
    edits = () if gap.text.strip() else (Edit(gap, " "),)
    return trouble.diagnose(message, span, "write it behind the line above", *edits, title="join the lines")


def _missing_line_end(trouble: Trouble) -> Mend | None:
    token = trouble.token
    if not is_word(token) or not trouble.accepts(NEWLINE) or not begins_statement([token, *trouble.ahead(1)]):
        return None
    return Mend(diagnose_line_end(trouble), (inserted(NEWLINE, token.start), token))


# --- separators -----------------------------------------------------------------------------------------------------

_VALUES = ("STRING", "TEXT_BLOCK", "TEMPLATE", "NUMBER", "QUANTITY", "RATIO", "TAG", "NAME")


def _missing_separator(trouble: Trouble) -> Mend | None:
    """A `,` in brackets and between the pictures of an asset; a `|` between the alternatives of a variable."""
    token, before = trouble.token, trouble.before
    if token.kind not in _VALUES or before is None or trouble.open_string:
        return None
    if (trouble.brackets or trouble.keyword in ASSETS) and trouble.accepts("COMMA"):
        kind, sign = "COMMA", ","
    elif trouble.keyword == "VAR" and token.kind != "NAME" and trouble.accepts("VBAR"):
        kind, sign = "VBAR", "|"
    else:
        return None
    separator = inserted(kind, before.end)
    if trouble.separated:
        return Mend(None, (separator, token))
    edits = _separators(trouble, "," if sign == "," else " |")
    message, help = f"`{sign}` is missing before this value", f"values stand apart by `{sign}`"
    diagnostic = trouble.diagnose(message, None, help, *edits, title=f"write `{sign}`")
    return Mend(diagnostic, (separator, token), separates=True)


def _separators(trouble: Trouble, sign: str) -> list[Edit]:
    """The sign wherever it is missing from here to the end of the line."""
    edits: list[Edit] = []
    before = trouble.before
    for token in (trouble.token, *trouble.ahead(LOOK_AHEAD)):
        if token.kind in (NEWLINE, END):
            break
        if before is not None and before.kind in _VALUES and token.kind in _VALUES:
            edits.append(Edit(trouble.span(before.end, before.end), sign))
        before = token
    return edits
