"""What could be typed at the cursor. It looks at the text as it stands and at the names of the last analysis, and waits for neither."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from skyflow.contract import VIDEO_EXTENSIONS
from skyflow.diagnostics import Rule
from skyflow.lsp.completion.cursor import TEMPLATES, TEXTS, Cursor
from skyflow.lsp.completion.sight import SeenTag, Sight
from skyflow.lsp.completion.suggestions import Completion, FileQuestion, Suggestion, SuggestionKind
from skyflow.lsp.completion.texts import complete_expression, complete_text, expression_before
from skyflow.lsp.open_files import AUDIO_EXTENSIONS, PICTURE_EXTENSIONS
from skyflow.lsp.words import CALLS, LOOP_WORDS, SETTINGS, STATEMENTS
from skyflow.storyboard.settings import IN_DEFAULTS, IN_SHOT
from skyflow.syntax.lexer import COMMENT

TABLE_EXTENSIONS = ("csv", "json", "jsonl")
_ALLOW = re.compile(r"#\s*allow:\s*(?:[\w-]+\s*,\s*)*([\w-]*)$")
_SOURCES = {"first_frame": PICTURE_EXTENSIONS, "last_frame": PICTURE_EXTENSIONS}
_ASSET_SOURCES = {
    "IMAGE": PICTURE_EXTENSIONS,
    "GRID": PICTURE_EXTENSIONS,
    "KEYFRAME": PICTURE_EXTENSIONS,
    "VIDEO": VIDEO_EXTENSIONS,
    "EXTEND": VIDEO_EXTENSIONS,
    "VOICE": AUDIO_EXTENSIONS,
}
_RESULTS = {"IMAGE": "image", "GRID": "image", "KEYFRAME": "image", "VIDEO": "video", "EXTEND": "video"}


def complete(cursor: Cursor, sights: Sequence[Sight], rules: Iterable[Rule]) -> Completion:
    """`sights` are what the analyses see at the cursor, the latest first; `rules` those that can be allowed."""
    return _Completing(cursor, sights, rules).run()


class _Completing:
    def __init__(self, cursor: Cursor, sights: Sequence[Sight], rules: Iterable[Rule]) -> None:
        self.cursor = cursor
        self.sights = sights
        self.rules = rules
        in_text = cursor.typed is not None and cursor.typed.kind in (COMMENT, *TEXTS, *TEMPLATES)
        self.start = cursor.offset if in_text else cursor.unglue()
        self.completion = Completion()

    def run(self) -> Completion:
        typed = self.cursor.typed
        if typed is not None and typed.kind == COMMENT:
            self.add_all(self.allowances())
        elif typed is not None and typed.kind in (*TEXTS, *TEMPLATES):
            self.in_text(self.cursor.source.text[typed.start : self.cursor.offset])
        elif self.open_call() is not None:
            self.add_all(self.arguments())
        elif not self.cursor.before:
            self.add_all(self.statements())
        elif self.cursor.kinds[1:2] == ["EQUAL"]:
            self.add_all(self.setting_values(self.cursor.before[0].text))
        else:
            self.add_all(self.in_statement())
        return self.completion

    def add_all(self, suggestions: Iterable[Suggestion]) -> None:
        self.completion.suggestions.extend(suggestions)

    def suggest(
        self,
        label: str,
        kind: SuggestionKind,
        about: str = "",
        *,
        text: str = "",
        snippet: bool = False,
        order: int = 0,
    ) -> Suggestion:
        return Suggestion(label, kind, text or label, self.start, self.cursor.offset, about, snippet, order)

    # --- statements

    def statements(self) -> Iterator[Suggestion]:
        block = self.cursor.block
        for number, (name, word) in enumerate(STATEMENTS.items()):
            if not block or block in word.blocks:
                yield self.suggest(name, "statement", word.about, text=word.snippet, snippet=True, order=20 + number)
        settings = IN_SHOT if block == "shot" else IN_DEFAULTS if block == "defaults" else ("when",)
        for number, name in enumerate(settings):
            if name not in self.cursor.written:
                snippet = SETTINGS[name].snippet or f"{name} = $1"
                yield self.suggest(name, "setting", SETTINGS[name].about, text=snippet, snippet=True, order=number)

    def in_statement(self) -> Iterator[Suggestion]:
        kinds = self.cursor.kinds
        first, last = kinds[0], kinds[-1]
        if last == "EQUAL" or (last in ("COMMA", "VBAR") and "EQUAL" in kinds):
            yield from self.sources(first)
        elif last == "AT":
            yield from self.words(SETTINGS["duration"].values[:-1])
        elif last in ("VOICE", "KEYFRAME", "EXTEND") and len(kinds) == 1:
            wanted = "video" if last == "EXTEND" else "image"
            yield from self.tags(lambda tag: tag.keyword == wanted)
        elif first == "KEYFRAME" and "AT" not in kinds:
            yield from self.loop_words("at")
        elif first == "VAR" and len(kinds) == 2:
            yield from self.loop_words("from")
        elif first in ("SHOT", "SCENE") and len(kinds) == 2:
            yield from self.loop_words("for")
        elif first in ("SHOT", "SCENE") and len(kinds) == 4 and kinds[2] == "FOR":
            yield from self.loop_words("in", "from")

    def loop_words(self, *words: str) -> Iterator[Suggestion]:
        return (self.suggest(word, "statement", LOOP_WORDS[word]) for word in words)

    # --- values

    def setting_values(self, name: str) -> Iterator[Suggestion]:
        word = SETTINGS.get(name)
        if word is None or len(self.cursor.before) > 2:
            return
        if name in _SOURCES:
            yield from self.calls("image")
            yield from self.tags(lambda tag: tag.keyword == "image" and len(tag.sources) == 1)
        for number, value in enumerate(word.values):
            without = " (what holds without it)" if value == word.without else ""
            yield self.suggest(value, "word", f"{word.about}{without}", order=number)
        if name in IN_DEFAULTS and "none" not in word.values:
            yield self.suggest("none", "word", "Unsets what is inherited.", order=90)

    def sources(self, first: str) -> Iterator[Suggestion]:
        if first in _RESULTS:
            yield from self.calls(_RESULTS[first])

    def words(self, values: Iterable[str]) -> Iterator[Suggestion]:
        return (self.suggest(value, "word", order=number) for number, value in enumerate(values))

    def calls(self, kind: str) -> Iterator[Suggestion]:
        for number, (name, call) in enumerate(CALLS.items()):
            if call.kind == kind:
                yield self.suggest(f"{name}(…)", "call", call.about, text=call.snippet, snippet=True, order=number)

    def tags(self, wanted: Callable[[SeenTag], bool]) -> Iterator[Suggestion]:
        seen: dict[str, SeenTag] = {}
        for sight in reversed(self.sights):
            seen.update(sight.tags)
        return (self.suggest(tag, "tag", found.about) for tag, found in seen.items() if wanted(found))

    # --- calls

    def open_call(self) -> str | None:
        """The name of the call whose brackets the cursor stands in."""
        depth = 0
        for index in range(len(self.cursor.before) - 1, 0, -1):
            kind = self.cursor.before[index].kind
            if kind == "RPAR":
                depth += 1
            elif kind == "LPAR":
                depth -= 1
                if depth < 0:
                    return self.cursor.before[index - 1].text
        return None

    def arguments(self) -> Iterator[Suggestion]:
        kinds = self.cursor.kinds
        if kinds[-1] == "COMMA":
            if self.open_call() == "frame":
                yield from (self.suggest(f"{seconds}s", "word", order=seconds) for seconds in range(16))
        elif kinds[-1] == "LPAR":
            yield self.suggest("previous", "word", "The shot before this one.")
            names = dict.fromkeys(chain.from_iterable(sight.shots() for sight in self.sights))
            yield from (self.suggest(name, "shot", order=number + 1) for number, name in enumerate(names))

    # --- inside texts

    def in_text(self, written: str) -> None:
        expression = expression_before(written)
        if expression is not None:
            self.add_all(complete_expression(expression, self.cursor.offset, self.sights))
        elif (question := self.file_question(written)) is not None:
            self.completion.files = question
        elif self.cursor.kinds[:1] not in (["STORYBOARD"], ["USE"]) and self.cursor.kinds[-1:] != ["FROM"]:
            self.add_all(complete_text(written, self.cursor.offset, self.sights))

    def file_question(self, written: str) -> FileQuestion | None:
        before, kinds = self.cursor.before, self.cursor.kinds
        if not before:
            return None
        extensions: tuple[str, ...] | None = None
        if kinds[0] == "USE":
            extensions = ("sky",)
        elif kinds[-1] == "FROM":
            extensions = TABLE_EXTENSIONS
        elif kinds[0] in _ASSET_SOURCES and "EQUAL" in kinds:
            extensions = _ASSET_SOURCES[kinds[0]]
        elif kinds[1:] == ["EQUAL"]:
            extensions = _SOURCES.get(before[0].text)
        path = written.lstrip("\"'“”„＂")
        if extensions is None or "\n" in path or "{{" in path:
            return None
        start = self.cursor.offset - len(path.rpartition("/")[2])
        return FileQuestion(self.cursor.source.path, path, extensions, start, self.cursor.offset)

    # --- comments

    def allowances(self) -> Iterator[Suggestion]:
        found = _ALLOW.search(self.cursor.line_before)
        if found is None:
            return
        self.start = self.cursor.offset - len(found[1])
        yield from (self.suggest(rule.id, "rule", rule.summary) for rule in self.rules)
