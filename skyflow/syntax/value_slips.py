"""What to say where a value cannot be read: a text, a bracket or a template that is not closed, quotes or braces that are missing."""

from __future__ import annotations

import re

from skyflow.diagnostics import Diagnostic, Edit
from skyflow.syntax.alternatives import alternatives_of_setting
from skyflow.syntax.layout import OPEN_BRACKET
from skyflow.syntax.lexer import NEWLINE, OPEN_STRING, OPEN_TEMPLATE, OPEN_TEXT_BLOCK, TOO_LONG, Token
from skyflow.syntax.tables import END, load_tables
from skyflow.syntax.trouble import Trouble, shown, skip_blanks

QUOTE_MISSING = "a quote is missing on this line"
TEXT_OPEN = "this text is never closed"


def explain_value(trouble: Trouble) -> Diagnostic | None:
    """What to say about the value that the trouble lies in, or None where it lies in none."""
    for explanation in (
        _quotes_inside,
        _odd_ratio,
        _span_of_values,
        _call_without_brackets,
        alternatives_of_setting,
        _bare_text,
        _unfinished,
        _comparison,
        _quote_at_start,
        _variable_sign,
        _bare_path,
        _missing_value,
        _several_values,
    ):
        found = explanation(trouble)
        if found is not None:
            return found
    return None


# --- pieces that are not finished -----------------------------------------------------------------------------------


def _unfinished(trouble: Trouble) -> Diagnostic | None:
    """A quote, a brace or a bracket that is not closed; also where it shows a few words before it stands."""
    token = trouble.token
    if token.kind in (OPEN_STRING, OPEN_TEXT_BLOCK, OPEN_TEMPLATE, OPEN_BRACKET, TOO_LONG):
        return _explain_unfinished(trouble, token)
    later = trouble.open_string if token.kind not in (NEWLINE, END) else None
    if later is None:
        return None
    span = trouble.span(later.start, later.start + 1)
    return trouble.diagnose(QUOTE_MISSING, span, 'each text stands between `"` and `"`')


def _explain_unfinished(trouble: Trouble, token: Token) -> Diagnostic:
    start = token.start
    if token.kind == TOO_LONG:
        span, help = trouble.span(start, start), 'many values stand in a table: `from "rows.csv"`'
        return trouble.diagnose("this line holds more than a line can hold", span, help)
    if token.kind == OPEN_BRACKET:
        closing = "]" if token.text in "[［" else ")"
        return trouble.diagnose(
            f"this `{token.text}` is never closed", None, f"write `{closing}` behind the last value"
        )
    brace = _open_expression(token.text)
    if brace is not None:
        span = trouble.span(start + brace, start + brace + 2)
        return trouble.diagnose("this `{{` is never closed", span, "write `}}` behind the expression")
    if token.kind == OPEN_TEXT_BLOCK:
        span, help = trouble.span(start, start + 3), 'write `"""` behind the text, on a line of its own'
        return trouble.diagnose("this text block is never closed", span, help)
    before = trouble.before
    if before is not None and before.kind == "NUMBER" and before.end == start and token.text == '"':
        span, better = trouble.span(before.start, token.end), f"{before.text}s"
        return trouble.diagnose("seconds are written with `s`", span, f"write `{better}`", Edit(span, better))
    help = 'write `"` at its end; a text of several lines stands between `"""` and `"""`'
    return trouble.diagnose(TEXT_OPEN, trouble.span(start, start + 1), help)


def _open_expression(text: str) -> int | None:
    """Where in an unfinished piece a `{{` is the reason."""
    template = load_tables().template
    position = text.find("{{")
    while position != -1:
        found = template.match(text, position)
        if found is None:
            return position
        position = text.find("{{", found.end())
    return None


# --- values ---------------------------------------------------------------------------------------------------------


def _value_start(trouble: Trouble) -> int | None:
    """Where the value of `NAME = …` or `var NAME = …` starts, if the trouble lies in it."""
    for index, token in enumerate(trouble.statement[:3]):
        if token.kind == "EQUAL" and trouble.keyword in ("NAME", "VAR"):
            following = trouble.statement[index + 1] if index + 1 < len(trouble.statement) else trouble.token
            return following.start if following.kind not in (NEWLINE, END) else None
    return None


def rest_of_line(trouble: Trouble, start: int) -> str:
    found = _LINE.match(trouble.source.text, start)
    return found[0].rstrip() if found else ""


_LINE = re.compile(r"[^\n#]*+")


def _quotes_inside(trouble: Trouble) -> Diagnostic | None:
    """`prompt = "He says "Hello" to her."`."""
    token, before, text = trouble.token, trouble.before, trouble.source.text
    if before is None or before.kind != "STRING" or before.end != token.start or token.kind in (NEWLINE, END, "STRING"):
        return None
    found = _QUOTED_LINE.match(text, before.start)
    if found is None or found.end() <= token.end:
        return None
    better = _with_escaped_quotes(found[0][1:-1])
    if better is None:
        return None
    span = trouble.span(found.start(), found.end())
    title = f"write `{shown(better)}`"
    help = f'{title}, or the text between `"""` and `"""`'
    return trouble.diagnose('a `"` inside a text is written `\\"`', span, help, Edit(span, better), title=title)


def _with_escaped_quotes(inner: str) -> str | None:
    """A text in quotes whose own quotes are escaped, but for those in its `{{ }}`; None where one is missing."""
    template = load_tables().template
    written = template.sub("", inner)
    if "{{" in written or written.count('"') % 2:
        return None
    pieces, at = [], 0
    for expression in template.finditer(inner):
        pieces += [_QUOTE.sub(r'\\"', inner[at : expression.start()]), expression[0]]
        at = expression.end()
    return '"' + "".join(pieces) + _QUOTE.sub(r'\\"', inner[at:]) + '"'


_QUOTE = re.compile(r'(?<!\\)"')


def _quote_at_start(trouble: Trouble) -> Diagnostic | None:
    """`prompt = "Hello!" she says.`: a text that begins with what somebody says, and nothing but that is in quotes."""
    start, before = _value_start(trouble), trouble.before
    if start is None or before is None or trouble.statement[0].text not in ("prompt", "look", "note"):
        return None
    if before.kind == "TEXT_BLOCK" and before.end == trouble.token.start:
        help = 'a `"` stands in it as it is, three of them are written `\\"\\"\\"`'
        return trouble.diagnose("the text block has ended before this", None, help)
    line = _before_brace(rest_of_line(trouble, start))
    rest = line.rpartition('"')[2]
    if not line.startswith('"') or trouble.token.kind in (NEWLINE, END) or not any(map(str.isalpha, rest)):
        return None
    better = _with_escaped_quotes(line)
    if better is None:
        return None
    span = trouble.span(start, start + len(line))
    help = f"write `{shown(better)}`"
    message = "a text stands in quotes as a whole"
    return trouble.diagnose(message, span, help, Edit(span, better), title=help, certain=False)


# From the first to the last quote of a line, less what may end a block of one line.
_QUOTED_LINE = re.compile(r'"[^\n#]*"(?=[^\S\n]*\}*[^\S\n]*(?:#|\r?$))', re.MULTILINE)


def _call_without_brackets(trouble: Trouble) -> Diagnostic | None:
    """`first_frame = last_frame street`."""
    start = _value_start(trouble)
    found = _CALL.match(trouble.source.text, start) if start is not None else None
    if found is None or found.end() <= trouble.token.start:
        return None
    span, better = trouble.span(found.start(), found.end()), f"{found[1]}({found[2]})"
    help = f"write `{better}`"
    message = "what is taken of a shot stands with the shot in brackets"
    return trouble.diagnose(message, span, help, Edit(span, better), title=help)


_CALL = re.compile(r"(last_frame|first_frame|clip)[^\S\n]+(?:of[^\S\n]+)?([^\W\d][\w.-]*)(?=[^\S\n]*(?:[#}\n]|$))")


def _odd_ratio(trouble: Trouble) -> Diagnostic | None:
    """`16 : 9`, `16/9`."""
    token, before = trouble.token, trouble.before
    if before is None or before.kind != "NUMBER":
        return None
    found = _RATIO.match(trouble.source.text, before.start)
    if found is None or found.end() <= token.start:
        return None
    ratio, span = f"{found[1]}:{found[3]}", trouble.span(found.start(), found.end())
    if "." in ratio and "/" in found[2]:
        return None  # a division
    message = "no blank stands in a ratio" if found[2].strip() in (":", "：") else "a ratio is written with `:`"
    help = f"write `{ratio}`"
    certain = "/" not in found[2] or trouble.statement[0].text == "aspect_ratio"  # elsewhere it may be a division
    return trouble.diagnose(message, span, help, Edit(span, ratio), title=help, certain=certain)


_RATIO = re.compile(r"(\d+(?:\.\d+)?)(\s*[:：/∶]\s*)(\d+(?:\.\d+)?)(?![\w.])")


def _span_of_values(trouble: Trouble) -> Diagnostic | None:
    """`duration = 3-5s`."""
    start = _value_start(trouble)
    found = _FROM_TO.match(trouble.source.text, start) if start is not None else None
    if found is None or found.end() <= trouble.token.start:
        return None
    name = shown(trouble.statement[0].text)
    unit = found[2] or ""
    message = f"`{name}` takes one value, not a span"
    return trouble.diagnose(message, trouble.span(found.start(), found.end()), f"write for example `{found[1]}{unit}`")


_FROM_TO = re.compile(r"(\d+)\s*[a-z]*\s*(?:-|–|—|\.\.+|to\b)\s*\d+[^\S\n]*([a-z]?)\w*(?=[^\S\n]*(?:[#}\n]|$))")


def _bare_text(trouble: Trouble) -> Diagnostic | None:
    """`prompt = A street at night`."""
    start = _value_start(trouble)
    if start is None or trouble.token.kind in (NEWLINE, END, "RBRACE") or trouble.token.start == start:
        return None
    text = _before_brace(rest_of_line(trouble, start))
    if trouble.statement[0].text == "when" or not PROSE.fullmatch(text):
        return None
    span = trouble.span(start, start + len(text))
    edit = Edit(span, f'"{text}"')
    return trouble.diagnose(
        "a text stands in quotes", span, f'write `"{shown(text)}"`', edit, title="put quotes around it"
    )


def _before_brace(text: str) -> str:
    """The value in a block of one line, without the `}` that ends the block."""
    while text.endswith("}") and not text.endswith("}}") and text.count("}") > text.count("{"):
        text = text[:-1].rstrip()
    return text


# Words in a row with their punctuation and `{{ }}`; a sign of reckoning makes it an expression.
PROSE = re.compile(r"(?:[@\w]|\{\{[^{}\n\"]*\}\})(?:[\w @'’.,;:!?…-]|\{\{[^{}\n\"]*\}\})+")


def _comparison(trouble: Trouble) -> Diagnostic | None:
    """`when = city == "Tokyo"`."""
    start = _value_start(trouble)
    operator = _OPERATOR.match(trouble.source.text, trouble.token.start)
    if start is None or start == trouble.token.start or not operator:
        return None
    text = rest_of_line(trouble, start)
    if not text or set("{}") & set(text):
        return None
    span = trouble.span(start, start + len(text))
    edit = Edit(span, "{{ " + text + " }}")
    help = f"write `{{{{ {shown(text)} }}}}`"
    # These also stand where people mean alternatives, and with an expression only one of them would be left.
    certain = trouble.keyword != "VAR" or operator[0] not in ("or", "and", "/")
    message, title = "an expression stands between `{{` and `}}`", "put it between `{{` and `}}`"
    return trouble.diagnose(message, span, help, edit, title=title, certain=certain)


_OPERATOR = re.compile(r"=|!=|[<>+*%~-]|/(?![\w.])|(?:in|and|or|not|is|if)\b")


def _variable_sign(trouble: Trouble) -> Diagnostic | None:
    """`$city` and `${city}`."""
    found = _VARIABLE.match(trouble.source.text, trouble.token.start)
    if not found:
        return None
    better = "{{ " + (found[1] or found[2]) + " }}"
    span = trouble.span(found.start(), found.end())
    message = f"`{found[0]}` means nothing here: a variable is written `{better}`"
    return trouble.diagnose(message, span, "", Edit(span, better), title=f"write `{better}`")


_VARIABLE = re.compile(r"\$(?:([^\W\d]\w*)|\{([^\W\d]\w*)\})")


def _bare_path(trouble: Trouble) -> Diagnostic | None:
    """A path, an address or a title without quotes."""
    text = trouble.source.text
    introducers = [token for token in trouble.statement if token.kind in _INTRODUCERS]
    if not introducers or trouble.token.kind in (NEWLINE, END, "STRING", "TEXT_BLOCK"):
        return None
    last = introducers[-1]
    start = skip_blanks(text, last.end)
    bare = rest_of_line(trouble, start) if last.kind == "STORYBOARD" else first_run(text, start)
    needs_quotes = last.kind in ("STORYBOARD", "FROM", "USE") or _PATH.search(bare)
    if not bare or not needs_quotes or start + len(bare) <= trouble.token.start or '"' in bare:
        return None
    span = trouble.span(start, start + len(bare))
    what = {"STORYBOARD": "a title", "FROM": "the name of a table", "USE": "the name of a file"}.get(
        last.kind, "a path or an address"
    )
    edit = Edit(span, f'"{bare}"')
    return trouble.diagnose(
        f"{what} stands in quotes", span, f'write `"{shown(bare)}"`', edit, title="put quotes around it"
    )


_INTRODUCERS = ("EQUAL", "COMMA", "VBAR", "LSQB", "LPAR", "FROM", "USE", "STORYBOARD")
_BARE = re.compile(r"[^\s,|\[\](){}\"'“”]+")
_PATH = re.compile(r"[/\\]")


def first_run(text: str, start: int) -> str:
    found = _BARE.match(text, start)
    return found[0] if found else ""


def _missing_value(trouble: Trouble) -> Diagnostic | None:
    before, text = trouble.before, trouble.source.text
    if (
        before is None
        or before.kind not in _WANTED
        or trouble.token.kind not in (NEWLINE, END, "RBRACE", "COMMA", "VBAR", "LBRACE")
    ):
        return None
    if before.kind == "EQUAL" and trouble.token.kind == "LBRACE":
        return None
    comment = skip_blanks(text, before.end)
    if text.startswith("#", comment):
        return _swallowed_by_comment(trouble, before, comment)
    what, help = _WANTED[before.kind]
    if before.kind == "EQUAL" and trouble.keyword == "NAME":
        help = f"write it on the line of its `=`; without a value, leave `{shown(trouble.statement[0].text)}` out"
    return trouble.diagnose(f"{what} is missing behind `{before.text}`", trouble.behind(), help)


_WANTED = {
    "EQUAL": ("a value", ""),
    "VBAR": ("a value", ""),
    "COMMA": ("a value", ""),
    "IN": ("a list", 'write the elements: `in ["red", "blue"]`'),
    "FROM": ("the name of a table", 'write it in quotes: `from "rows.csv"`'),
    "AT": ("a time", "write it with its unit: `at 3s`"),
    "USE": ("the name of a file", 'write it in quotes: `use "cast.sky"`'),
    "STORYBOARD": ("the title", 'write it in quotes: `storyboard "Neon Night"`'),
}


def _swallowed_by_comment(trouble: Trouble, before: Token, comment: int) -> Diagnostic:
    """`colour = #ff0000`."""
    found = _COLOUR.match(trouble.source.text, comment)
    message = f"a value is missing behind `{before.text}`: `#` starts a comment"
    if found is None:
        return trouble.diagnose(message, trouble.behind(), "write the value before the comment")
    span = trouble.span(found.start(), found.end())
    quoted = f'"{found[0]}"'
    return trouble.diagnose(
        message, span, f"put the colour in quotes: `{quoted}`", Edit(span, quoted), title="put quotes around it"
    )


_COLOUR = re.compile(r"#[0-9A-Fa-f]{3,8}\b")


def _several_values(trouble: Trouble) -> Diagnostic | None:
    """`prompt = "a" "b"`."""
    before = trouble.before
    if before is None or trouble.keyword != "NAME" or trouble.token.kind not in ("STRING", "TEXT_BLOCK", "TEMPLATE"):
        return None
    if _value_start(trouble) is None or not trouble.accepts(NEWLINE):
        return None
    name = shown(trouble.statement[0].text)
    return trouble.diagnose(
        f"`{name}` has its value already", None, 'one text holds it all; over several lines, between `"""` and `"""`'
    )
