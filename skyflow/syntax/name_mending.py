"""Slips of names, tags and words whose meaning is certain."""

from __future__ import annotations

import re

from skyflow.diagnostics import Edit
from skyflow.syntax.lexer import NEWLINE, STRAY, Token
from skyflow.syntax.mend import Mend, is_word
from skyflow.syntax.slips import nearest_keyword
from skyflow.syntax.trouble import ASSETS, NAMED, TAGGED, WORDS_OF_USE, Trouble, better_name, is_name, shown
from skyflow.syntax.value_slips import first_run


def quoted_name(trouble: Trouble) -> Mend | None:
    """`shot "street" {`."""
    token, before, name = trouble.token, trouble.before, trouble.token.text[1:-1]
    if token.kind != "STRING" or before is None or before.kind not in NAMED or not is_name(name):
        return None
    edit = Edit(trouble.span(token.start, token.end), name)
    diagnostic = trouble.diagnose(
        "a name stands without quotes", None, f"write `{name}`", edit, title="remove the quotes"
    )
    return Mend(diagnostic, (Token("NAME", token.start + 1, token.end - 1, name),))


def numbered_name(trouble: Trouble) -> Mend | None:
    """`shot 3 {`: shots that are numbered as in a shooting script."""
    token, before = trouble.token, trouble.before
    if token.kind != "NUMBER" or before is None or before.kind not in ("SHOT", "SCENE") or len(trouble.statement) > 1:
        return None
    name = better_name(token.text)
    if not name or first_run(trouble.source.text, token.start).rstrip(":") != token.text:
        return None
    edit = Edit(trouble.span(token.start, token.end), name)
    message, help = f"a name starts with a letter, `{token.text}` does not", f"write for example `{name}`"
    diagnostic = trouble.diagnose(message, None, help, edit, title=f"write `{name}`", certain=False)
    return Mend(diagnostic, (Token("NAME", token.start, token.end, name),))


def name_of_two_words(trouble: Trouble) -> Mend | None:
    """`first frame = "street.jpg"`."""
    token, before = trouble.token, trouble.before
    if len(trouble.statement) != 1 or before is None or before.kind != "NAME" or not is_word(token):
        return None
    following = [later.kind for later in trouble.ahead(2)]
    if following[:1] != ["EQUAL"] or following[1:] == ["EQUAL"] or before.text in _NO_PART_OF_A_NAME:
        return None
    if nearest_keyword(before.text):
        return None
    name, span = f"{before.text}_{token.text}", trouble.span(before.start, token.end)
    help = f"write `{name}`"
    diagnostic = trouble.diagnose("the name of a setting is one word", span, help, Edit(span, name), title=help)
    return Mend(diagnostic, (Token("NAME", before.start, token.end, name),), restarts=True)


_NO_PART_OF_A_NAME = (*WORDS_OF_USE, "if", "unless", "while", "else", "elif")


def tag_without_at(trouble: Trouble) -> Mend | None:
    """`image hero = …`."""
    token, before = trouble.token, trouble.before
    if not is_word(token) or before is None or before.kind not in TAGGED or not is_name(token.text):
        return None
    tag = "@" + token.text
    insert = Edit(trouble.span(token.start, token.start), "@")
    diagnostic = trouble.diagnose("a tag starts with `@`", None, f"write `{tag}`", insert, title="write the `@`")
    return Mend(diagnostic, (Token("TAG", token.start, token.end, tag),))


def tag_with_blank(trouble: Trouble) -> Mend | None:
    """`image @Mika Tanaka = …`, `keyframe @image 1 at 3s`."""
    token, before = trouble.token, trouble.before
    if before is None or before.kind != "TAG" or trouble.keyword not in TAGGED or len(trouble.statement) != 2:
        return None
    if not (is_word(token) or token.kind == "NUMBER") or trouble.ahead(1)[0].kind not in ("EQUAL", "AT", NEWLINE):
        return None
    tag, help = before.text + token.text, f"write `{before.text}{token.text}`, in prompts too"
    if token.kind != "NUMBER":
        tag, help = before.text, f"write `{before.text}`, or `{before.text}_{token.text}` here and in prompts"
    span = trouble.span(before.start, token.end)
    edit = Edit(span, tag)
    diagnostic = trouble.diagnose("a tag is one word", span, help, edit, title=f"write `{tag}`", certain=False)
    return Mend(diagnostic, (trouble.statement[0], Token("TAG", before.start, token.end, tag)), restarts=True)


def missing_at(trouble: Trouble) -> Mend | None:
    """`keyframe @k = "key.png" 3s`, also with a sign where `at` belongs."""
    token = trouble.token
    if trouble.keyword != "KEYFRAME" or not trouble.accepts("AT"):
        return None
    if token.kind in ("QUANTITY", "NUMBER"):
        time, written = token, trouble.span(token.start, token.start)
    elif token.kind == "COMMA" or (token.kind == STRAY and token.text in ("@", ":", "＠")):
        time, written = trouble.ahead(1)[0], trouble.span(token.start, token.end)
    elif token.kind == "TAG" and (found := _TIME.fullmatch(token.text)):
        time = Token("QUANTITY" if found[1] else "NUMBER", token.start + 1, token.end, token.text[1:])
        written = trouble.span(token.start, token.start + 1)
    else:
        return None
    if time.kind not in ("QUANTITY", "NUMBER"):
        return None
    before = "" if written.start == 0 or trouble.source.text[written.start - 1].isspace() else " "
    edit = Edit(written, before + ("at " if written.end == time.start else "at"))
    help = f"write `at {shown(time.text)}`"
    span = trouble.span(token.start, time.end)
    diagnostic = trouble.diagnose("the time of a keyframe stands behind `at`", span, help, edit, title=help)
    inserted = Token("AT", written.start, written.end, "at")
    return Mend(diagnostic, (inserted,) if time is not token and token.kind != "TAG" else (inserted, time))


_TIME = re.compile(r"@\d+(s?)")


def name_with_at(trouble: Trouble) -> Mend | None:
    """`shot @street {`."""
    token, before, name = trouble.token, trouble.before, trouble.token.text[1:]
    if token.kind != "TAG" or before is None or before.kind not in NAMED or not is_name(name):
        return None
    edit = Edit(trouble.span(token.start, token.end), name)
    diagnostic = trouble.diagnose(
        "only the tags of assets start with `@`", None, f"write `{name}`", edit, title="remove the `@`"
    )
    return Mend(diagnostic, (Token("NAME", token.start + 1, token.end, name),))


def other_word(trouble: Trouble) -> Mend | None:
    """`include "cast.sky"`, `let city = "Tokyo"`, `actor @Mika = "mika.jpg"`."""
    token = trouble.token
    if len(trouble.statement) != 1 or trouble.keyword != "NAME":
        return None
    word = trouble.statement[0]
    keyword = _ASSET_WORDS.get(word.text.lower(), "")
    is_tag = is_word(token) and is_name(token.text) and keyword.upper() in ASSETS and _names_a_file(trouble)
    if word.text in WORDS_OF_USE and token.kind == "STRING":
        meant = Token("USE", word.start, word.end, "use")
    elif word.text in ("let", "set", "const", "variable") and is_word(token) and trouble.ahead(1)[0].kind == "EQUAL":
        meant = Token("VAR", word.start, word.end, "var")
    elif keyword and (token.kind == "TAG" or is_tag):
        meant = Token(keyword.upper(), word.start, word.end, keyword)
    else:
        return None
    span = trouble.span(word.start, word.end)
    edits, name, written = [Edit(span, meant.text)], token, meant.text
    if is_tag:
        name = Token("TAG", token.start, token.end, "@" + token.text)
        edits.append(Edit(trouble.span(token.start, token.start), "@"))
        written = f"{meant.text} {name.text}"
    help = f"write `{written}`"
    diagnostic = trouble.diagnose(f"`{word.text}` is called `{meant.text}` here", span, help, *edits, title=help)
    return Mend(diagnostic, (meant, name), restarts=True)


def _names_a_file(trouble: Trouble) -> bool:
    """Whether the value behind the next `=` is a path or an address."""
    following = trouble.ahead(2)
    return len(following) > 1 and following[0].kind == "EQUAL" and _FILE.fullmatch(following[1].text) is not None


_FILE = re.compile(r"\"(?:https?://.+|[^\"\n]*\.\w{2,5})\"")


# What film people call the things that a tag may stand for.
_ASSET_WORDS = {
    **dict.fromkeys(("actor", "character", "char", "person", "cast", "subject", "face", "hero"), "image"),
    **dict.fromkeys(
        ("picture", "photo", "img", "pic", "prop", "location", "place", "asset", "reference", "ref"), "image"
    ),
    **dict.fromkeys(("clip", "movie", "footage", "motion", "movement"), "video"),
    **dict.fromkeys(("audio", "sound", "speech"), "voice"),
    **dict.fromkeys(("frame", "key", "midframe", "mid_frame"), "keyframe"),
    **dict.fromkeys(("collage", "sheet"), "grid"),
    **dict.fromkeys(("continue", "extension"), "extend"),
}
