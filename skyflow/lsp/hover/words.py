"""What is said of the words of the language, and of the rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from skyflow.diagnostics import Rule
from skyflow.lsp.tree_search import parts_of, statement_at, values_of
from skyflow.lsp.wording import code
from skyflow.lsp.words import CALLS, FILTERS, LOOP_WORDS, OBJECTS, SETTINGS, STATEMENTS, TESTS, SettingWord
from skyflow.pipeline import RULES
from skyflow.syntax import Token, tree
from skyflow.syntax.lexer import COMMENT, Lexer
from skyflow.variants import expressions_in

RULES_BY_ID: Mapping[str, Rule] = {rule.id: rule for rule in RULES}
_WORD = re.compile(r"\w+")
_RULE_ID = re.compile(r"[a-z]+(?:-[a-z]+)+|syntax")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")

Described = tuple[str, int, int]
"""Markdown, and the characters that it is about."""


def describe_word(file: tree.File, offset: int) -> Described | None:
    """The keyword, setting, call, filter or rule id at an offset."""
    trail = statement_at(file.statements, offset)
    statement = trail[-1] if trail else None
    if isinstance(statement, tree.Setting) and _holds(statement.name.span.start, statement.name.span.end, offset):
        word = SETTINGS.get(statement.name.text)
        span = statement.name.span
        return (describe_setting(statement.name.text, word), span.start, span.end) if word is not None else None
    for value in values_of(statement) if statement is not None else ():
        for part in parts_of(value):
            if found := _in_value(part, offset):
                return found
    return _keyword(file, trail, offset) or _rule_id(file, offset)


def _holds(start: int, end: int, offset: int) -> bool:
    return start <= offset <= end


def _in_value(value: tree.Value, offset: int) -> Described | None:
    if isinstance(value, tree.Call) and _holds(value.name.span.start, value.name.span.end, offset):
        call = CALLS.get(value.name.text)
        return (f"**{value.name.text}** {call.about}", value.name.span.start, value.name.span.end) if call else None
    for expression in expressions_in(value) if isinstance(value, tree.Text | tree.Template) else ():
        if expression.start <= offset <= expression.start + len(expression.text):
            return _in_expression(expression, offset)
    return None


def _in_expression(expression: tree.Expression, offset: int) -> Described | None:
    """A filter behind `|`, a test behind `is`, an object."""
    text = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), expression.text)
    for found in _WORD.finditer(text):
        start, end = expression.start + found.start(), expression.start + found.end()
        if not _holds(start, end, offset):
            continue
        before = text[: found.start()].rstrip()
        name = found[0]
        if before.endswith("|") and name in FILTERS:
            return f"**{name}** filter: {FILTERS[name]}", start, end
        if re.search(r"\bis(?:\s+not)?$", before) and name in TESTS:
            return f"**{name}** test: {TESTS[name]}", start, end
        if name in OBJECTS and not before.endswith("."):
            return OBJECTS[name], start, end
    return None


def _keyword(file: tree.File, trail: list[tree.Statement], offset: int) -> Described | None:
    """The keyword of a statement, or one of the small words in it."""
    start = trail[-1].span.start if trail else 0
    end = trail[-1].span.end if trail else len(file.source.text)
    for token in _tokens(file, start, min(end, offset + 100)):
        if not _holds(token.start, token.end, offset) or not token.kind.isupper():
            continue
        if token.start == start and token.text in STATEMENTS:
            return f"**{token.text}** {STATEMENTS[token.text].about}", token.start, token.end
        if token.text in LOOP_WORDS and token.kind == token.text.upper():
            return f"**{token.text}** {LOOP_WORDS[token.text]}", token.start, token.end
    return None


def _tokens(file: tree.File, start: int, end: int) -> Iterator[Token]:
    from skyflow.source import SourceFile

    for token in Lexer(SourceFile(file.source.path, file.source.text[start:end])).tokens():
        yield token._replace(start=token.start + start, end=token.end + start)


def _rule_id(file: tree.File, offset: int) -> Described | None:
    """A rule's id in a comment: `# allow: duration-overridden`."""
    text = file.source.text
    line_start = text.rfind("\n", 0, offset) + 1
    line_end = text.find("\n", offset)
    line = text[line_start : len(text) if line_end == -1 else line_end]
    if "#" not in line:
        return None
    comment = next(
        (token for token in _tokens(file, line_start, line_start + len(line)) if token.kind == COMMENT), None
    )
    if comment is None:
        return None
    for found in _RULE_ID.finditer(comment.text):
        start, end = comment.start + found.start(), comment.start + found.end()
        if _holds(start, end, offset) and found[0] in RULES_BY_ID:
            return describe_rule(RULES_BY_ID[found[0]]), start, end
    return None


def describe_setting(name: str, word: SettingWord) -> str:
    """What a setting says, what it takes, and what the rules say of it."""
    lines = [f"**{name}** {word.about}"]
    if word.values:
        lines.append(
            "Takes "
            + ", ".join(map(code, word.values))
            + ("" if not word.without else f"; {code(word.without)} where nothing is said")
            + "."
        )
    lines.append("\n".join(f"- `{rule}`: {RULES_BY_ID[rule].what}" for rule in word.rules))
    return "\n\n".join(filter(None, lines))


def describe_rule(rule: Rule) -> str:
    """The rule's own documentation."""
    return f"**{rule.id}** ({rule.severity}): {rule.summary}\n\n{rule.what}\n\n{rule.why}\n\n*{rule.source}*"
