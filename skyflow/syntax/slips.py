"""What to say about a token that does not fit: what was found, and what a person most likely meant.

Nothing is decided here about how reading goes on; slips that can be read on are in `mending`.
"""

from __future__ import annotations

import re

from skyflow.diagnostics import Diagnostic, Edit, nearest
from skyflow.syntax.lexer import NEWLINE, Token
from skyflow.syntax.tables import END, load_tables
from skyflow.syntax.trouble import ASSETS, BLOCKS, NAMED, TAGGED, WORDS_OF_USE, Trouble, better_name, shown
from skyflow.syntax.value_slips import PROSE, explain_value, first_run, rest_of_line


def explain(trouble: Trouble) -> Diagnostic:
    """What to say where nothing could be mended."""
    for explanation in (
        spoken_line,
        explain_value,
        _no_name,
        _bad_name,
        _loop,
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


# --- names, tags and blocks -----------------------------------------------------------------------------------------


def _no_name(trouble: Trouble) -> Diagnostic | None:
    """A name that is missing, or does not start as one."""
    before, token = trouble.before, trouble.token
    if before is None or before.kind not in NAMED or not trouble.accepts("NAME"):
        return None
    what, example = _NAMED[before.kind]
    if token.kind in ("STRING", "TEXT_BLOCK"):
        return trouble.diagnose(f"{shown(token.text)} cannot be the name of a {what}", None, _NAME_RULE)
    text = first_run(trouble.source.text, token.start)
    if not text or token.kind == "EQUAL":
        return trouble.diagnose(f"the {what} has no name", trouble.span(before.start, before.end), f"write `{example}`")
    span = trouble.span(token.start, token.start + len(text))
    text = text.rstrip(":") or text
    if text[0].isdigit():
        better = better_name(text)
        message = f"a name starts with a letter, `{shown(text)}` does not"
        return trouble.diagnose(message, span, f"write for example `{better}`" if better else "")
    return trouble.diagnose(f"`{shown(text)}` cannot be the name of a {what}", span, _NAME_RULE)


def _bad_name(trouble: Trouble) -> Diagnostic | None:
    """`shot a+b {`, `shot the street {`."""
    token, before = trouble.token, trouble.before
    if len(trouble.statement) < 2 or before is None or trouble.statement[-2].kind not in ("SHOT", "SCENE", "VAR"):
        return None
    if token.kind in (NEWLINE, END, "LBRACE", "RBRACE", "EQUAL", "STRING", "TEXT_BLOCK"):
        return None
    text = _NAME_RUN.match(trouble.source.text, before.start)
    span = trouble.span(before.start, max(token.end, before.start + len(text[0].rstrip()) if text else 0))
    what = _NAMED[trouble.statement[-2].kind][0]
    return trouble.diagnose(f"`{shown(span.text)}` cannot be the name of a {what}", span, _NAME_RULE)


_NAME_RUN = re.compile(r"[^\n={#\"]*+")


def _loop(trouble: Trouble) -> Diagnostic | None:
    """`for x of […]`."""
    if len(trouble.statement) < 2 or trouble.statement[-2].kind != "FOR" or not trouble.accepts("IN"):
        return None
    before = trouble.statement[-1]
    span = None if trouble.token.kind not in (NEWLINE, END) else trouble.span(before.start, before.end)
    name = shown(before.text)
    help = f'write `for {name} in ["red", "blue"]` or `for {name} from "rows.csv"`'
    return trouble.diagnose(f"`in` or `from` is missing behind `for {name}`", span, help)


_NAMED = {
    "SHOT": ("shot", "shot street { … }"),
    "SCENE": ("scene", "scene den { … }"),
    "VAR": ("variable", 'var city = "Tokyo"'),
    "FOR": ("element", 'for colour in ["red", "blue"]'),
}
_NAME_RULE = "a name holds letters, digits, `_` and `-`, a letter first, and no spaces"


def _missing_tag(trouble: Trouble) -> Diagnostic | None:
    before = trouble.before
    if before is None or before.kind not in TAGGED or not trouble.accepts("TAG"):
        return None
    span = trouble.span(before.start, before.end)
    help = f"write `{before.text} @name{' = …' if before.kind in ASSETS else ''}`; prompts then speak of `@name`"
    return trouble.diagnose(f"the {before.text} has no tag", span, help)


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


def _unknown_word(trouble: Trouble) -> Diagnostic | None:
    """A line whose first word starts nothing."""
    token = trouble.token
    if len(trouble.statement) != 1 or not trouble.accepts("EQUAL"):
        return None
    first = trouble.statement[0]
    span, word = trouble.span(first.start, first.end), shown(first.text)
    keyword = nearest_keyword(first.text) if first.kind == "NAME" else None
    if token.kind in (NEWLINE, END, "RBRACE"):
        return trouble.diagnose(f"`{word}` says nothing by itself", span, f"a setting is written `{word} = value`")
    message = f"`{word}` opens no block" if token.kind == "LBRACE" else f"`{word}` starts no statement"
    if keyword and token.kind in ("TAG", "STRING", "NAME", "QUANTITY", "LBRACE"):
        edit = Edit(span, keyword)
        return trouble.diagnose(
            message, span, f"did you mean `{keyword}`?", edit, title=f"write `{keyword}`", certain=False
        )
    return trouble.diagnose(message, span, _suggest_start(trouble, first))


def spoken_line(trouble: Trouble) -> Diagnostic | None:
    """`MIKA: Hello there!`, as screenplays have it."""
    if len(trouble.statement) != 1 or trouble.token.text not in (":", "："):
        return None
    name, text = trouble.statement[0], rest_of_line(trouble, trouble.token.end).strip()
    if not name.text[:1].isupper() or not PROSE.fullmatch(text):
        return None
    span = trouble.span(name.start, trouble.token.end)
    help = f"write it into the prompt: `@{shown(name.text)} says: <dialogue>{shown(text)}</dialogue>`"
    return trouble.diagnose("what somebody says stands in a prompt", span, help)


_BLOCK_RULE = "a block starts with `shot NAME {`, `scene NAME {` or `defaults {`"


def _suggest_start(trouble: Trouble, first: Token) -> str:
    """What a line that starts with `first` was most likely meant to be."""
    if first.text in WORDS_OF_USE:
        return 'another file is used by `use "cast.sky"`'
    if first.text in ("if", "unless", "else", "elif", "while"):
        return 'whether a shot or a scene exists is said in it: `when = {{ city == "Tokyo" }}`'
    if first.kind == "FOR":
        return "a loop belongs to a shot or scene: `shot spin for item in [ … ] {`"
    if trouble.token.kind == "LBRACE":
        return _BLOCK_RULE
    if PROSE.fullmatch(rest_of_line(trouble, first.start)):
        return 'a prompt is written `prompt = "…"`, a remark stands behind `#`'
    return f"a setting is written `{shown(first.text)} = value`"


def nearest_keyword(word: str) -> str | None:
    """The keyword of a statement that a misspelling would most likely look like."""
    if not 3 <= len(word) <= 20:
        return None
    return nearest(word, load_tables().keywords.keys() - {"at", "for", "from", "in"})


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
    return trouble.diagnose(f"`{shown(token.text)}` does not fit here", None, _expectation(trouble))


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
