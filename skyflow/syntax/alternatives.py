"""Values that are meant as alternatives, with another sign than `|` between them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from skyflow.diagnostics import Diagnostic, Edit
from skyflow.syntax.lexer import NEWLINE, Token
from skyflow.syntax.mend import Mend
from skyflow.syntax.tables import END
from skyflow.syntax.trouble import LOOK_AHEAD, Trouble, shown

STAND_APART = "the alternatives of a variable stand apart by `|`"
_LITERALS = ("STRING", "TEXT_BLOCK", "NUMBER", "QUANTITY", "RATIO")
_VALUES = (*_LITERALS, "NAME")
_TEXT_SETTINGS = ("prompt", "look", "note")


def comma_among_alternatives(trouble: Trouble) -> Mend | None:
    """`var city = "Tokyo", "Osaka"`."""
    token = trouble.token
    if token.kind != "COMMA" or trouble.keyword != "VAR" or not trouble.accepts("VBAR"):
        return None
    meant = Token("VBAR", token.start, token.end, "|")
    if trouble.separated:
        return Mend(None, (meant,))
    commas = [token, *(later for later in _rest_of_line(trouble) if later.kind == "COMMA")]
    edits = [Edit(trouble.span(comma.start, comma.end), " |") for comma in commas]
    help = 'write `|` between them; several values of one variable stand in a list: `["a", "b"]`'
    diagnostic = trouble.diagnose(STAND_APART, None, help, *edits, title="write `|`")
    return Mend(diagnostic, (meant,), separates=True)


def other_sign_among_alternatives(trouble: Trouble) -> Mend | None:
    """`var weather = "rain" or "sun"`, `"rain" / "sun"`, `"rain" || "sun"`."""
    token, before = trouble.token, trouble.before
    if trouble.keyword != "VAR" or trouble.brackets or before is None:
        return None
    signs = _signs(trouble)
    if not signs:
        return None
    meant = () if token.kind == "VBAR" else (Token("VBAR", token.start, token.end, "|"),)
    if trouble.separated:
        return Mend(None, meant)
    edits = [Edit(trouble.span(sign.start, sign.end), "" if sign.kind == "VBAR" else "|") for sign in signs]
    # A bare word may be a variable or the start of a text, and "and" may mean both at once.
    certain = before.kind in (*_LITERALS, "VBAR") and all(sign.text != "and" for sign in signs)
    help = "write `|` between them; one text that names them all stands in quotes"
    return Mend(
        trouble.diagnose(STAND_APART, None, help, *edits, title="write `|`", certain=certain), meant, separates=True
    )


def alternatives_of_setting(trouble: Trouble) -> Diagnostic | None:
    """`duration = 5s or 8s`: only variables have alternatives."""
    if trouble.keyword != "NAME" or trouble.brackets or len(trouble.statement) != 3 or trouble.token.kind == "VBAR":
        return None
    name, equals, value = trouble.statement
    signs = _signs(trouble)
    if not signs or equals.kind != "EQUAL" or (value.kind == "NAME" and name.text in (*_TEXT_SETTINGS, "when")):
        return None
    *_, last = itertools.chain([value, trouble.token], _rest_of_line(trouble))
    span = trouble.span(value.start, last.end)
    values, start = [], value.start
    for sign in signs:
        values.append(trouble.source.text[start : sign.start].strip())
        start = sign.end
    written = " | ".join([*values, trouble.source.text[start : last.end].strip()])
    variable = f"my_{name.text}"
    help = (
        f"alternatives belong to a variable: `var {shown(variable)} = {shown(written)}` at top level, "
        f"and here `{shown(name.text)} = {{{{ {shown(variable)} }}}}`"
    )
    return trouble.diagnose(f"`{shown(name.text)}` takes one value", span, help)


def _rest_of_line(trouble: Trouble) -> Iterator[Token]:
    """What comes behind the trouble, up to the end of its line, block or first bracket."""
    ends = (NEWLINE, END, "LSQB", "LPAR", "RBRACE")
    return itertools.takewhile(lambda later: later.kind not in ends, trouble.ahead(LOOK_AHEAD))


def _signs(trouble: Trouble) -> list[Token]:
    """The signs from the trouble to the end of its line that say "or" or are one `|` too many; none where an expression or a text stands there."""
    found: list[Token] = []
    before, wants_value = trouble.before, trouble.before is not None and trouble.before.kind == "VBAR"
    tokens = [trouble.token, *_rest_of_line(trouble)]
    for token, following in itertools.zip_longest(tokens, tokens[1:]):
        if wants_value and token.kind == "VBAR":
            found.append(token)
        elif wants_value and token.kind in _VALUES:
            before, wants_value = token, False
        elif not wants_value and token.kind in ("VBAR", "COMMA"):
            wants_value = True
        elif not wants_value and before is not None and following is not None and _says_or(before, token, following):
            found.append(token)
            wants_value = True
        else:
            return []
    return [] if wants_value else found


def _says_or(before: Token, sign: Token, following: Token) -> bool:
    """Whether a sign between two values can be no operator: of what is written out, an expression would always give the same one."""
    kinds = {before.kind, following.kind}
    if sign.text == "/":
        return kinds <= {*_LITERALS} - {"NUMBER"}
    return kinds <= set(_VALUES if sign.text == "or" else _LITERALS) and sign.text in ("or", "and")
