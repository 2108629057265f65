"""What to say about a token that does not fit: what was found, and what a person most likely meant.

Nothing is decided here about how reading goes on; slips that can be read on are in `mending`.
"""

from __future__ import annotations

import re

from skyflow.diagnostics import Diagnostic, Edit, nearest
from skyflow.syntax.layout import OPEN_BRACKET
from skyflow.syntax.lexer import NEWLINE, OPEN_STRING, OPEN_TEMPLATE, OPEN_TEXT_BLOCK, STRAY, TOO_LONG, Token
from skyflow.syntax.tables import END, load_tables
from skyflow.syntax.trouble import ASSETS, BLOCKS, NAMED, TAGGED, Trouble, shown, skip_blanks


def explain(trouble: Trouble) -> Diagnostic:
    """What to say where nothing could be mended."""
    for explanation in (
        _bare_text,
        _unfinished,
        _comparison,
        _variable_sign,
        _bare_path,
        _missing_value,
        _several_values,
        _name,
        _missing_tag,
        _missing_block,
        _brace,
        _unknown_word,
        _unknown_start,
    ):
        found = explanation(trouble)
        if found is not None:
            return found
    return _anything_else(trouble)


# --- pieces that are not finished -----------------------------------------------------------------------------------


def _unfinished(trouble: Trouble) -> Diagnostic | None:
    """A quote, a brace or a bracket that is not closed; also where it shows a few words before it stands."""
    token = trouble.token
    if token.kind in (OPEN_STRING, OPEN_TEXT_BLOCK, OPEN_TEMPLATE, OPEN_BRACKET, TOO_LONG):
        return _explain_unfinished(trouble, token)
    if token.kind in (NEWLINE, END):
        return None
    for later in trouble.ahead(_LOOK_AHEAD):
        if later.kind in (NEWLINE, END):
            return None
        if later.kind == OPEN_STRING:
            span = trouble.span(later.start, later.start + 1)
            return trouble.diagnose("a quote is missing on this line", span, 'each text stands between `"` and `"`')
    return None


_LOOK_AHEAD = 40


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
    help = 'write `"` at its end; a text of several lines stands between `"""` and `"""`'
    return trouble.diagnose("this text is never closed", trouble.span(start, start + 1), help)


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


def _rest_of_line(trouble: Trouble, start: int) -> str:
    found = _LINE.match(trouble.source.text, start)
    return found[0].rstrip() if found else ""


_LINE = re.compile(r"[^\n#]*+")


def _bare_text(trouble: Trouble) -> Diagnostic | None:
    """`prompt = A street at night`."""
    start = _value_start(trouble)
    if start is None or trouble.token.kind in (NEWLINE, END, "RBRACE") or trouble.token.start == start:
        return None
    text = _rest_of_line(trouble, start)
    if trouble.keyword == "NAME" and trouble.statement[0].text == "when":
        return None
    if not _PROSE.fullmatch(text):
        return None
    span = trouble.span(start, start + len(text))
    edit = Edit(span, f'"{text}"')
    return trouble.diagnose(
        "a text stands in quotes", span, f'write `"{shown(text)}"`', edit, title="put quotes around it"
    )


# Words in a row and their punctuation; a sign of reckoning makes it an expression.
_PROSE = re.compile(r"[@\w][\w-]*(?:[,;:.!?]?+[’'\w @-]+)+[.!?,;:…]*")


def _comparison(trouble: Trouble) -> Diagnostic | None:
    """`when = city == "Tokyo"`."""
    start = _value_start(trouble)
    if start is None or not _OPERATOR.match(trouble.source.text, trouble.token.start):
        return None
    text = _rest_of_line(trouble, start)
    if not text or set("{}") & set(text):
        return None
    span = trouble.span(start, start + len(text))
    edit = Edit(span, "{{ " + text + " }}")
    help = f"write `{{{{ {shown(text)} }}}}`"
    return trouble.diagnose(
        "an expression stands between `{{` and `}}`", span, help, edit, title="put it between `{{` and `}}`"
    )


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
    bare = _rest_of_line(trouble, start) if last.kind == "STORYBOARD" else _first_run(text, start)
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


def _first_run(text: str, start: int) -> str:
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
        return trouble.diagnose(message, trouble.behind())
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


# --- names, tags and blocks -----------------------------------------------------------------------------------------


def _name(trouble: Trouble) -> Diagnostic | None:
    """A name that is missing, or is none."""
    before, token = trouble.before, trouble.token
    if before is None or before.kind not in NAMED or not trouble.accepts("NAME"):
        return None
    what, example = _NAMED[before.kind]
    text = _first_run(trouble.source.text, token.start)
    if not text or token.kind in (NEWLINE, END, "EQUAL", "STRING"):
        if token.kind == "STRING":
            return trouble.diagnose(f"{shown(token.text)} cannot be the name of a {what}", None, _NAME_RULE)
        return trouble.diagnose(f"the {what} has no name", trouble.span(before.start, before.end), f"write `{example}`")
    span = trouble.span(token.start, token.start + len(text))
    if text[0].isdigit():
        better = _better_name(text)
        message = f"a name starts with a letter, `{shown(text)}` does not"
        return trouble.diagnose(message, span, f"write for example `{better}`" if better else "")
    return trouble.diagnose(f"`{shown(text)}` cannot be the name of a {what}", span, _NAME_RULE)


_NAMED = {
    "SHOT": ("shot", "shot street { … }"),
    "SCENE": ("scene", "scene den { … }"),
    "VAR": ("variable", 'var city = "Tokyo"'),
    "FOR": ("element", 'for colour in ["red", "blue"]'),
}
_NAME_RULE = "a name holds letters, digits, `_` and `-`, a letter first, and no spaces"


def _better_name(text: str) -> str:
    """`3a` → `a3`, `3` → `s3`."""
    found = re.fullmatch(r"(\d+)([^\W\d_][\w-]*)?", text)
    return (found[2] or "s") + found[1] if found else ""


def _missing_tag(trouble: Trouble) -> Diagnostic | None:
    before = trouble.before
    if before is None or before.kind not in TAGGED or not trouble.accepts("TAG"):
        return None
    span = trouble.span(before.start, before.end)
    article = "an" if before.text[0] in "aeiou" else "a"
    help = f"write `{before.text} @name{' = …' if before.kind in ASSETS else ''}`; a prompt then speaks of `@name`"
    return trouble.diagnose(f"{article} `{before.text}` has a tag behind it", span, help)


def _missing_block(trouble: Trouble) -> Diagnostic | None:
    if (
        trouble.token.kind not in (NEWLINE, END, "RBRACE")
        or not trouble.accepts("LBRACE")
        or trouble.keyword not in BLOCKS
    ):
        return None
    span = trouble.span(trouble.statement[0].start, trouble.statement[-1].end)
    head = shown(span.text)
    return trouble.diagnose(
        f"`{head}` has no block", span, f"write what belongs to it between braces: `{head} {{ … }}`"
    )


def _brace(trouble: Trouble) -> Diagnostic | None:
    if trouble.token.kind != "LBRACE":
        return None
    if not trouble.statement:
        return trouble.diagnose("this `{` belongs to nothing", None, _BLOCK_RULE)
    if trouble.statement[-1].kind == "EQUAL":
        return trouble.diagnose("`{` starts no value", None, "a list is written `[ … ]`, an expression `{{ … }}`")
    return None


_BLOCK_RULE = "a block starts with `shot NAME {`, `scene NAME {` or `defaults {`"


def _unknown_word(trouble: Trouble) -> Diagnostic | None:
    """A line whose first word starts nothing."""
    token = trouble.token
    if len(trouble.statement) != 1 or trouble.keyword != "NAME":
        return None
    first = trouble.statement[0]
    span, word = trouble.span(first.start, first.end), shown(first.text)
    keyword = nearest_keyword(first.text)
    if keyword and token.kind in ("TAG", "STRING", "NAME", "QUANTITY", "LBRACE"):
        return trouble.diagnose(f"`{word}` starts no statement", span, f"did you mean `{keyword}`?")
    if token.kind == "LBRACE":
        return trouble.diagnose(f"`{word}` opens no block", span, _BLOCK_RULE)
    if token.kind in (NEWLINE, END, "RBRACE"):
        return trouble.diagnose(f"`{word}` says nothing by itself", span, f"a setting is written `{word} = value`")
    return trouble.diagnose(f"`{word}` starts no statement", span, f"a setting is written `{word} = value`")


def nearest_keyword(word: str) -> str | None:
    """The keyword of a statement that a misspelling would most likely look like."""
    return nearest(word[:40], load_tables().keywords.keys() - {"at", "for", "from", "in"})


def _unknown_start(trouble: Trouble) -> Diagnostic | None:
    token = trouble.token
    if trouble.statement:
        return None
    if token.kind in ("STRING", "TEXT_BLOCK"):
        return trouble.diagnose(
            "this text belongs to nothing", None, 'write what it is: `prompt = "…"`; a remark stands behind `#`'
        )
    if token.kind == "TAG":
        tag = shown(token.text)
        help = f'an asset is declared `image {tag} = "picture.jpg"`, a prompt is written `prompt = "…"`'
        return trouble.diagnose(f"`{tag}` starts no statement", None, help)
    return None


# --- everything else ------------------------------------------------------------------------------------------------


def _anything_else(trouble: Trouble) -> Diagnostic:
    token = trouble.token
    if token.kind in (NEWLINE, END):
        return trouble.diagnose("this statement is not finished", trouble.behind())
    if token.kind == STRAY and not token.text.isprintable():
        return trouble.diagnose(
            f"a character that cannot be seen stands here (U+{ord(token.text[0]):04X})", None, _unseen_help(token.text)
        )
    return trouble.diagnose(f"`{shown(token.text)}` does not fit here", None, _expectation(trouble))


def _unseen_help(text: str) -> str:
    return "save the file with usual line ends (LF or CRLF)" if text[0] == "\r" else "remove it"


def _expectation(trouble: Trouble) -> str:
    """What could stand here, where it is one thing."""
    if not trouble.statement:
        return "a line starts with a setting (`duration = 5s`), or with a word such as `shot`, `image` or `var`"
    if trouble.accepts("EQUAL"):
        return "write `=` and the value"
    if trouble.accepts(NEWLINE):
        return "the statement ends before it; write the next one on a line of its own, a remark behind `#`"
    if trouble.accepts("LBRACE"):
        return "a `{` belongs here"
    return ""
