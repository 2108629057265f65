"""What to say about a token that the grammar has no place for: what was found, and what a person most likely meant.

Nothing is decided here about how reading goes on; what can be read on is in `mending`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from skyflow.diagnostics import Diagnostic, Edit, Fix, Related, nearest
from skyflow.source import SourceFile, Span
from skyflow.syntax.layout import OPEN_BRACKET, TOO_LONG
from skyflow.syntax.lexer import NEWLINE, OPEN_STRING, OPEN_TEMPLATE, OPEN_TEXT_BLOCK, STRAY, Sign, Token
from skyflow.syntax.rule import SYNTAX
from skyflow.syntax.tables import END, load_tables


@dataclass(frozen=True, slots=True)
class Trouble:
    """A token that does not fit behind the tokens of its statement. `ahead(n)` looks at the tokens behind it, `accepts(kind)` asks the
    grammar what could have stood instead."""

    source: SourceFile
    statement: Sequence[Token]
    token: Token
    ahead: Callable[[int], list[Token]]
    accepts: Callable[[str], bool]

    @property
    def before(self) -> Token | None:
        return self.statement[-1] if self.statement else None

    @property
    def keyword(self) -> str:
        """The kind of the statement's first token."""
        return self.statement[0].kind if self.statement else ""

    def span(self, start: int, end: int) -> Span:
        return Span(self.source, start, end)

    def behind(self) -> Span:
        """The place behind the last token that fitted."""
        end = self.before.end if self.before else self.token.start
        return Span(self.source, end, end)

    def diagnose(
        self, message: str, span: Span | None = None, help: str = "", *edits: Edit, title: str = ""
    ) -> Diagnostic:
        place = span or Span(self.source, self.token.start, self.token.end)
        fix = Fix(title or help, edits) if edits else None
        return Diagnostic(SYNTAX, message, place, help=help, fix=fix)


def explain(trouble: Trouble) -> Diagnostic:
    """What to say where nothing could be mended."""
    for explanation in (
        _unfinished,
        _comparison,
        _dollar,
        _unquoted,
        _missing_value,
        _missing_name,
        _missing_tag,
        _missing_block,
        _misplaced_brace,
        _unknown_statement,
    ):
        found = explanation(trouble)
        if found is not None:
            return found
    return _anything_else(trouble)


# --- pieces that are not finished -----------------------------------------------------------------------------------


def _unfinished(trouble: Trouble) -> Diagnostic | None:
    """A quote, a brace or a bracket that is not closed; also where it shows a few words earlier than it stands."""
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
            return trouble.diagnose("a quote is missing on this line", span, 'each text stands between two `"`')
    return None


_LOOK_AHEAD = 40


def _explain_unfinished(trouble: Trouble, token: Token) -> Diagnostic:
    start = token.start
    if token.kind == TOO_LONG:
        return trouble.diagnose(
            "this line holds more than a line can hold", help='put the values into a table: `from "rows.csv"`'
        )
    if token.kind == OPEN_BRACKET:
        closing = "]" if token.text == "[" else ")"
        return trouble.diagnose(f"this `{token.text}` is never closed", help=f"write `{closing}` behind the last value")
    brace = _open_expression(token.text)
    if brace is not None:
        span = trouble.span(start + brace, start + brace + 2)
        return trouble.diagnose("this `{{` is never closed", span, "write `}}` behind the expression")
    if token.kind == OPEN_TEXT_BLOCK:
        return trouble.diagnose(
            "this text block is never closed",
            trouble.span(start, start + 3),
            'write `"""` on a line of its own behind the text',
        )
    return trouble.diagnose(
        "this text is never closed",
        trouble.span(start, start + 1),
        'write `"` at its end; a text over several lines stands between `"""` and `"""`',
    )


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


def _comparison(trouble: Trouble) -> Diagnostic | None:
    """`when = city == "Tokyo"`."""
    statement = trouble.statement
    if (
        len(statement) < 3
        or statement[1].kind != "EQUAL"
        or not _OPERATOR.match(trouble.source.text, trouble.token.start)
    ):
        return None
    start = statement[2].start
    end = start + len(_EXPRESSION.match(trouble.source.text, start)[0].rstrip())  # type: ignore[index]
    text = trouble.source.text[start:end]
    edit = Edit(trouble.span(start, end), "{{ " + text + " }}")
    name = statement[0].text
    return trouble.diagnose(
        "an expression stands between `{{` and `}}`",
        trouble.span(start, end),
        f"write `{name} = {{{{ {text} }}}}`",
        edit,
        title="put it between `{{` and `}}`",
    )


_OPERATOR = re.compile(r"=|!=|[<>+*%~-]|/(?!\w)|(?:in|and|or|not|is|if)\b")
_EXPRESSION = re.compile(r"[^\n#{}]*")


def _dollar(trouble: Trouble) -> Diagnostic | None:
    """`$city` and `${city}`."""
    found = _VARIABLE.match(trouble.source.text, trouble.token.start)
    if not found:
        return None
    better = "{{ " + (found[1] or found[2]) + " }}"
    span = trouble.span(found.start(), found.end())
    return trouble.diagnose(
        f"`{found[0]}` is no variable here",
        span,
        f"a variable is written `{better}`",
        Edit(span, better),
        title=f"write `{better}`",
    )


_VARIABLE = re.compile(r"\$(?:([^\W\d]\w*)|\{([^\W\d]\w*)\})")


def _unquoted(trouble: Trouble) -> Diagnostic | None:
    """A path, an address or a colour without quotes."""
    text = trouble.source.text
    values = [token for token in trouble.statement if token.kind in _VALUE_INTRODUCERS]
    if not values or trouble.token.kind in (NEWLINE, END, "STRING"):
        return None
    found = _BARE.match(text, _skip_blanks(text, values[-1].end))
    if not found or found.end() <= trouble.token.start or not _PATH.search(found[0]):
        return None
    span = trouble.span(found.start(), found.end())
    return trouble.diagnose(
        "a path or an address stands in quotes",
        span,
        f'write `"{found[0]}"`',
        Edit(span, f'"{found[0]}"'),
        title="put quotes around it",
    )


_VALUE_INTRODUCERS = ("EQUAL", "COMMA", "VBAR", "LSQB", "LPAR", "FROM", "USE")
_BARE = re.compile(r"[^\s,|\[\](){}\"'“”]+")
_PATH = re.compile(r"[/\\]")


def _skip_blanks(text: str, position: int) -> int:
    found = re.compile(r"[^\S\n]*").match(text, position)
    return found.end() if found else position


def _missing_value(trouble: Trouble) -> Diagnostic | None:
    before, text = trouble.before, trouble.source.text
    if (
        before is None
        or before.kind not in _WANTS_VALUE
        or trouble.token.kind not in (NEWLINE, END, "RBRACE", "COMMA", "VBAR")
    ):
        return None
    comment = _skip_blanks(text, before.end)
    if text.startswith("#", comment) and trouble.token.kind in (NEWLINE, END):
        found = _COLOUR.match(text, comment)
        if found:
            span = trouble.span(found.start(), found.end())
            return trouble.diagnose(
                f"a value is missing: `#` starts a comment, so `{found[0]}` is not read",
                span,
                f'put a colour in quotes: `"{found[0]}"`',
                Edit(span, f'"{found[0]}"'),
                title="put quotes around it",
            )
        return trouble.diagnose(f"a value is missing behind `{before.text}`: `#` starts a comment", trouble.behind())
    what = _WANTS_VALUE[before.kind]
    return trouble.diagnose(f"{what} is missing behind `{before.text}`", trouble.behind(), _value_help(trouble))


_COLOUR = re.compile(r"#[0-9A-Fa-f]{3,8}\b")
_WANTS_VALUE = {
    "EQUAL": "a value",
    "VBAR": "a value",
    "COMMA": "a value",
    "IN": "a list",
    "FROM": "the name of a table",
    "AT": "a time",
    "USE": "the name of a file",
    "STORYBOARD": "the title",
}


def _value_help(trouble: Trouble) -> str:
    before = trouble.before
    if before is None:
        return ""
    examples = {
        "IN": 'write the elements: `in ["red", "blue"]`',
        "FROM": 'write the file in quotes: `from "rows.csv"`',
        "AT": "write the time: `at 3s`",
        "USE": 'write the file in quotes: `use "cast.sky"`',
        "STORYBOARD": 'write it in quotes: `storyboard "Neon Night"`',
    }
    if before.kind in examples:
        return examples[before.kind]
    if before.kind == "EQUAL" and trouble.keyword == "NAME":
        return f"write the value on the line of its `=`; without a value, leave `{trouble.statement[0].text}` out"
    return ""


# --- names, tags and blocks -----------------------------------------------------------------------------------------


def _missing_name(trouble: Trouble) -> Diagnostic | None:
    before, token = trouble.before, trouble.token
    if before is None or before.kind not in _NAMED or not trouble.accepts("NAME"):
        return None
    what, example = _NAMED[before.kind]
    if token.kind in (NEWLINE, END, "LBRACE", "RBRACE", "EQUAL"):
        return trouble.diagnose(f"the {what} has no name", trouble.span(before.start, before.end), f"write `{example}`")
    written = _BARE.match(trouble.source.text, token.start)
    text = written[0] if written else token.text
    span = trouble.span(token.start, token.start + len(text))
    if text[0].isdigit():
        better = _better_name(text)
        return trouble.diagnose(
            f"a name starts with a letter, and `{text}` does not", span, f"write `{better}`" if better else ""
        )
    return trouble.diagnose(
        f"`{_shown(text)}` cannot be the name of a {what}",
        span,
        "a name holds letters, digits, `_` and `-`, a letter first",
    )


_NAMED = {
    "SHOT": ("shot", "shot street { … }"),
    "SCENE": ("scene", "scene den { … }"),
    "VAR": ("variable", 'var city = "Tokyo"'),
    "FOR": ("element", 'for colour in ["red", "blue"]'),
}


def _better_name(text: str) -> str:
    """`3a` → `a3`."""
    found = re.fullmatch(r"(\d+)([^\W\d_][\w-]*)", text)
    return found[2] + found[1] if found else f"take{text}" if text.isdigit() else ""


def _missing_tag(trouble: Trouble) -> Diagnostic | None:
    before = trouble.before
    if before is None or before.kind not in _TAGGED or not trouble.accepts("TAG"):
        return None
    article = "an" if before.text[0] in "aeiou" else "a"
    return trouble.diagnose(
        f"{article} `{before.text}` has a tag first",
        trouble.span(before.start, before.end),
        f"write `{before.text} @name = …`; prompts then speak of `@name`",
    )


_TAGGED = ("IMAGE", "GRID", "VIDEO", "VOICE", "KEYFRAME", "EXTEND")


def _missing_block(trouble: Trouble) -> Diagnostic | None:
    if (
        trouble.token.kind not in (NEWLINE, END, "RBRACE")
        or not trouble.accepts("LBRACE")
        or trouble.keyword not in _BLOCKS
    ):
        return None
    head = trouble.source.text[trouble.statement[0].start : trouble.statement[-1].end]
    return trouble.diagnose(
        f"`{_shown(head)}` has no block",
        trouble.span(trouble.statement[0].start, trouble.statement[-1].end),
        f"write what belongs to it between braces: `{_shown(head)} {{ … }}`",
    )


_BLOCKS = ("SHOT", "SCENE", "DEFAULTS")


def _misplaced_brace(trouble: Trouble) -> Diagnostic | None:
    if trouble.token.kind != "LBRACE":
        return None
    if not trouble.statement:
        return trouble.diagnose(
            "this `{` belongs to nothing", help="a block starts with `shot NAME {`, `scene NAME {` or `defaults {`"
        )
    if trouble.statement[-1].kind == "EQUAL":
        return trouble.diagnose("`{` is no value", help="a list is written `[ … ]`, an expression `{{ … }}`")
    return None


def _unknown_statement(trouble: Trouble) -> Diagnostic | None:
    """A line that starts with a word which starts nothing."""
    statement, token = trouble.statement, trouble.token
    if not statement:
        return _unknown_start(trouble)
    first = statement[0]
    if len(statement) != 1 or first.kind != "NAME":
        return None
    span = trouble.span(first.start, first.end)
    keyword = nearest(first.text, load_tables().keywords.keys() - {"at", "for", "from", "in"})
    if token.kind in ("TAG", "STRING", "NAME", "LBRACE") and keyword:
        return trouble.diagnose(f"`{_shown(first.text)}` starts no statement", span, f"did you mean `{keyword}`?")
    if token.kind in (NEWLINE, END, "RBRACE"):
        return trouble.diagnose(
            f"`{_shown(first.text)}` says nothing by itself",
            span,
            f"a setting is written `{_shown(first.text)} = value`",
        )
    if token.kind == "LBRACE":
        return trouble.diagnose(
            f"`{_shown(first.text)}` opens no block",
            span,
            "a block starts with `shot NAME {`, `scene NAME {` or `defaults {`",
        )
    if token.kind in _VALUE_STARTS:
        gap = trouble.span(first.end, token.start)
        return trouble.diagnose(
            f"`=` is missing behind `{_shown(first.text)}`",
            trouble.span(first.end, first.end),
            f"a setting is written `{_shown(first.text)} = value`",
            Edit(gap, " = "),
            title="write `=` between them",
        )
    return None


_VALUE_STARTS = ("STRING", "TEXT_BLOCK", "TEMPLATE", "NUMBER", "QUANTITY", "RATIO", "NAME", "TAG", "LSQB")


def _unknown_start(trouble: Trouble) -> Diagnostic | None:
    token = trouble.token
    if token.kind in ("STRING", "TEXT_BLOCK"):
        return trouble.diagnose(
            "this text belongs to nothing", help='write what it is: `prompt = "…"`, or `#` before a remark'
        )
    if token.kind == "TAG":
        return trouble.diagnose(
            f"`{_shown(token.text)}` cannot start a statement",
            help=f'an asset is declared `image {_shown(token.text)} = "picture.jpg"`; a prompt is written `prompt = "…"`',
        )
    return None


# --- everything else ------------------------------------------------------------------------------------------------


def _anything_else(trouble: Trouble) -> Diagnostic:
    token = trouble.token
    if token.kind == STRAY:
        return trouble.diagnose(_describe_stray(token.text))
    if token.kind in (NEWLINE, END):
        return trouble.diagnose("this statement is not finished", trouble.behind())
    return trouble.diagnose(f"`{_shown(token.text)}` does not fit here")


def _describe_stray(text: str) -> str:
    sign = text[0]
    if not sign.isprintable():
        return f"a character that cannot be seen stands here (U+{ord(sign):04X})"
    return f"`{_shown(text)}` means nothing here"


def _shown(text: str) -> str:
    """A piece of source for a message: one short line."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:39] + "…"


# --- blocks ---------------------------------------------------------------------------------------------------------


def diagnose_unclosed(
    source: SourceFile, keyword: str, statement: Sequence[Token], brace: Token, token: Token
) -> Diagnostic:
    """A block that the end of the file, or a statement that cannot stand in it, ends."""
    names = [part.text for part in statement if part.kind == "NAME"]
    what = f"{keyword.lower()} {names[0]}".rstrip() if names and keyword != "DEFAULTS" else keyword.lower()
    if keyword not in _BLOCKS:
        what = "block"
    line = source.position(brace.start).line
    opened = Span(source, brace.start, brace.end)
    if token.kind == END:
        return Diagnostic(
            SYNTAX, f"the {what} is never closed", opened, label="opened here", help="write the `}` that ends it"
        )
    return Diagnostic(
        SYNTAX,
        f"`{token.text}` cannot stand in the {what}",
        Span(source, token.start, token.end),
        help=f"write the `}}` that ends the {what} of line {line} before it",
        related=(Related(opened, "opened here, and not closed"),),
    )


def diagnose_stray_brace(source: SourceFile, token: Token) -> Diagnostic:
    span = Span(source, token.start, token.end)
    return Diagnostic(SYNTAX, "this `}` closes nothing", span, help="every block is closed already; remove it")


def diagnose_depth(source: SourceFile, token: Token) -> Diagnostic:
    what = "blocks" if token.kind == "LBRACE" else "brackets"
    return Diagnostic(
        SYNTAX,
        f"too many {what} stand in each other here",
        Span(source, token.start, token.end),
        help="64 are read at most",
    )


def diagnose_too_many(source: SourceFile, position: int) -> Diagnostic:
    place = Span(source, position, position)
    return Diagnostic(
        SYNTAX,
        "so much cannot be read that the rest of the file was not looked at",
        place,
        help="mend what is above first",
    )


def diagnose_line_end(trouble: Trouble) -> Diagnostic:
    """Two statements on one line."""
    token = trouble.token
    gap_start = trouble.before.end if trouble.before else token.start
    line_start = trouble.source.text.rfind("\n", 0, token.start) + 1
    indent = trouble.source.text[line_start : _skip_blanks(trouble.source.text, line_start)]
    edit = Edit(trouble.span(gap_start, token.start), "\n" + indent)
    return trouble.diagnose(
        f"`{_shown(token.text)}` starts a statement of its own",
        None,
        "write it on a line of its own",
        edit,
        title="start a new line",
    )


def report_signs(source: SourceFile, signs: Iterable[Sign]) -> Iterator[Diagnostic]:
    """One diagnostic a line for all signs of another keyboard in it."""
    for _line, group in groupby(sorted(signs), key=lambda sign: source.position(sign.start).line):
        found = list(group)
        edits = tuple(Edit(Span(source, sign.start, sign.end), sign.text) for sign in found)
        pairs = dict.fromkeys((source.text[sign.start : sign.end], sign.text) for sign in found)
        wrong = " ".join(pair[0] for pair in pairs)
        right = " ".join(dict.fromkeys(pair[1] for pair in pairs))
        first = found[0]
        yield Diagnostic(
            SYNTAX,
            f"`{wrong}` means nothing here",
            Span(source, first.start, first.end),
            help=f"write `{right}`",
            fix=Fix(f"write `{right}`", edits),
        )
