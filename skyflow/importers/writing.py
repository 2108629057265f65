"""Any text → the string or text block that says exactly that text in a storyboard. What was written is read back before it is trusted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from skyflow.contract import scan_tags
from skyflow.diagnostics.cells import width as cells
from skyflow.source import SourceFile
from skyflow.syntax import parse
from skyflow.syntax.tree import Block, Literal, Setting, Text

LINE_CELLS = 100  # where the lines of a text block are broken, indentation included
_AROUND_STRING = len('prompt = ""')  # what stands on the line of a string besides it

# Characters that no reader can see or tell apart: control characters, marks of direction and the like. Joiners hold emoji and Persian words together.
_UNSEEN = (
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000e0001-\U000e007f]"
)
_SPECIAL = re.compile(rf'\{{\{{|\{{%|\{{\#|"+|[\\\n\t]|{_UNSEEN}')
_BRACES = '{{ "{{" }}'
_EAST_ASIAN = r"[\u3001-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff5e]"
# Between two Chinese or Japanese characters a line may end without a space, but no line begins with a closing sign or ends with an opening one.
_BREAK_WITHOUT_SPACE = re.compile(
    rf"(?<={_EAST_ASIAN})(?<![「『（《〈【〔])(?={_EAST_ASIAN})(?![、。，．・：；？！」』）》〉】〕ーぁぃぅぇぉっゃゅょァィゥェォッャュョ])"
)
_WIDE = r"[\u2e80-\u2fff\u3001-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff9f\uffe0-\uffe6\U00020000-\U0003ffff]"  # two of them are joined by nothing
_BREAK_AT_SPACE = re.compile(rf"(?<=\S)(?<!{_WIDE}) (?=\S)|(?<={_WIDE}) (?=\S)(?!{_WIDE})")


HALF_A_CHARACTER = "it holds half of a character (a lone surrogate such as \\ud83d), which no text file can hold"


def holds_half_a_character(text: str) -> bool:
    """Whether a text holds a lone surrogate: all else can be written in a storyboard."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def write_text(text: str, indent: int = 0) -> str:
    """The value that says `text`: a string, or a text block where the text is long or has several lines.

    `indent` is the indentation of the statement.
    """
    if indent + _AROUND_STRING + cells(text) > LINE_CELLS or "\n" in text.strip("\n"):
        block = _write_block(text, indent)
        if _says(block, text):
            return block
    return write_string(text)


def write_string(text: str) -> str:
    """The string on one line that says `text`."""
    written = f'"{_escape(text, text)}"'
    # What was not changed is what it was; reading it back would take most of the time of an import.
    if len(written) != len(text) + 2 and not _says(written, text):
        raise AssertionError(f"{text!r} came back otherwise than it was written")
    return written


def write_title(text: str) -> str:
    """The string for a place where no expression may stand, not even the one that writes two braces."""
    return write_string(text).replace(_BRACES, _code("{") + "{")


def double_ats(prompt: str, bound: Collection[str], visible: Collection[str]) -> str:
    """The prompt with every `@` doubled that would else bind something: only mentions of `bound` tags stay, among all `visible` ones."""
    if "@" not in prompt:
        return prompt
    scan = scan_tags(prompt, {*bound, *visible})
    kept = {start for tag, start, _ in scan.mentions if tag in bound}
    read = {start for _, start, _ in (*scan.mentions, *scan.undeclared)}

    def double(run: re.Match[str]) -> str:
        last = run.end() - 1
        if last in kept:
            return "@@" * (len(run[0]) - 1) + "@"
        return run[0] if len(run[0]) == 1 and last not in read else run[0] * 2

    return re.sub("@+", double, prompt)


# --- strings --------------------------------------------------------------------------------------------------------


def _escape(piece: str, whole: str, *, block: bool = False) -> str:
    """The characters as a string or a block has them; `whole` is the text that the piece is a part of."""
    comment_closes = "#}" in whole

    def replace(found: re.Match[str]) -> str:
        sign = found[0]
        if sign[0] == '"':
            return sign if block and len(sign) < 3 else r"\"" * len(sign)
        if sign == "{{":
            return _BRACES
        if sign in ("{%", "{#"):
            return sign if sign == "{#" and not comment_closes else _code(sign[0]) + sign[1]
        return {"\\": r"\\", "\n": r"\n", "\t": r"\t"}.get(sign) or _code(sign)

    return _SPECIAL.sub(replace, piece)


def _code(character: str) -> str:
    return f"\\u{{{ord(character):X}}}"


# --- text blocks ----------------------------------------------------------------------------------------------------


def _write_block(text: str, indent: int) -> str:
    """A text block. Layout takes away line ends and outer blanks, so those of the text itself are written as escapes."""
    margin = " " * (indent + 2)
    paragraphs = [
        "\n".join(margin + line for line in _fill(_paragraph(part, text), LINE_CELLS - len(margin)))
        for part in _paragraphs(text)
    ]
    return '"""\n' + "\n\n".join(paragraphs) + f'\n{" " * indent}"""'


def _paragraphs(text: str) -> Iterator[str]:
    """The parts that a blank line stands between. Line ends that one blank line does not say stay at their ends."""
    core = text.strip("\n")
    before, after = text[: len(text) - len(text.lstrip("\n"))], text[len(text.rstrip("\n")) :]
    pieces = re.split(r"(\n+)", core)
    parts, gaps = pieces[::2], pieces[1::2]
    for number, part in enumerate(parts):
        start = before if number == 0 else ""
        end = after if number == len(parts) - 1 else gaps[number][1:]
        yield start + part + end


def _paragraph(part: str, text: str) -> list[tuple[str, str]]:
    """The words of a paragraph, each with what joins it to the one before: a space or nothing."""
    core = part.strip()
    start = part.find(core) if core else len(part)
    words: list[tuple[str, str]] = []
    for spaced in _BREAK_AT_SPACE.split(core):
        for number, word in enumerate(_BREAK_WITHOUT_SPACE.split(spaced)):
            words.append(("" if number or not words else " ", _escape(word, text, block=True)))
    outer = [_blanks(part[:start], text), _blanks(part[start + len(core) :], text)]
    words[0] = ("", outer[0] + words[0][1])
    words[-1] = (words[-1][0], words[-1][1] + outer[1])
    return words


def _blanks(blanks: str, text: str) -> str:
    return "".join(_escape(sign, text) if sign in "\n\t" else _code(sign) for sign in blanks)


def _fill(words: list[tuple[str, str]], room: int) -> Iterator[str]:
    """Lines of at most `room` cells, as far as words allow."""
    line, taken = "", 0
    for joint, word in words:
        wide = cells(word)
        if line and taken + len(joint) + wide > room:
            yield line
            line, taken = word, wide
        else:
            line, taken = line + joint + word, taken + len(joint) + wide
    yield line


# --- reading back ---------------------------------------------------------------------------------------------------


def _says(written: str, text: str) -> bool:
    """Whether a storyboard that is saved with this value has just that text."""
    file, diagnostics = parse(SourceFile("imported.sky", f"shot s {{\n  prompt = {written}\n}}\n"))
    if diagnostics or len(file.statements) != 1 or not isinstance(file.statements[0], Block):
        return False
    statements = file.statements[0].statements
    if len(statements) != 1 or not isinstance(statements[0], Setting) or not isinstance(statements[0].value, Text):
        return False
    parts = statements[0].value.parts
    return text == "".join(
        part.text if isinstance(part, Literal) else "{{" if part.text.strip() == '"{{"' else "\0" for part in parts
    )
