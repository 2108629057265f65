"""What is said of a tag: what it is, and its pictures, clips and sounds with size and length."""

from __future__ import annotations

from collections.abc import Iterator

from skyflow.lsp.analysis import Analysis
from skyflow.lsp.hover.files import measured, picture
from skyflow.lsp.names import Symbol
from skyflow.lsp.open_files import PICTURE_EXTENSIONS
from skyflow.lsp.tree_search import statements_of
from skyflow.lsp.wording import code, count
from skyflow.requests.sources import is_address
from skyflow.source import FilesError
from skyflow.syntax import tree

_THINGS = {"image": "picture", "grid": "picture", "keyframe": "picture", "voice": "sound"}


def describe_tag(analysis: Analysis, symbol: Symbol, pictures: bool) -> str:
    """A declared tag, wherever it was declared."""
    declaration = next(
        (found for found in _declarations(analysis, symbol.path) if found.tag.span.start == symbol.start), None
    )
    if declaration is None:
        return ""
    parts = [_describe(analysis, declaration, pictures)]
    if isinstance(declaration, tree.Asset) and declaration.keyword == "image":
        parts.extend(
            _describe(analysis, voice, pictures)
            for path in analysis.storyboard.trees
            for voice in _declarations(analysis, path)
            if isinstance(voice, tree.Asset) and voice.keyword == "voice" and voice.tag.text == symbol.name
        )
    return "\n\n".join(parts)


def _declarations(analysis: Analysis, path: str) -> Iterator[tree.Asset | tree.Keyframe | tree.Extend]:
    file = analysis.storyboard.trees.get(path)
    if file is not None:
        for statement in statements_of(file.statements):
            if isinstance(statement, tree.Asset | tree.Keyframe | tree.Extend):
                yield statement


def _describe(analysis: Analysis, declaration: tree.Asset | tree.Keyframe | tree.Extend, pictures: bool) -> str:
    if isinstance(declaration, tree.Asset):
        keyword: str = declaration.keyword
        sources = declaration.sources
    else:
        keyword = "keyframe" if isinstance(declaration, tree.Keyframe) else "extend"
        sources = (declaration.source,) if declaration.source is not None else ()
    many = count(len(sources), _THINGS.get(keyword, "clip")) if len(sources) > 1 else ""
    head = f"**{declaration.tag.text}** {keyword}{', ' if many else ''}{many}"
    if isinstance(declaration, tree.Keyframe) and declaration.at is not None:
        head += f" at {code(declaration.at.span.text)}"
    lines = [head, *(f"- {_source(analysis, source)}" for source in sources)]
    shown = [_picture(analysis, source) for source in sources] if pictures else []
    return "\n".join([*lines, "", *filter(None, shown)]).rstrip()


def _source(analysis: Analysis, source: tree.Value) -> str:
    path = _path(analysis, source)
    if path is None:
        written = source.plain if isinstance(source, tree.Text) else None
        return code(written if written is not None else source.span.text)
    assert isinstance(source, tree.Text)
    return measured(analysis, source.plain or "", path)


def _picture(analysis: Analysis, source: tree.Value) -> str:
    path = _path(analysis, source)
    if path is None:
        written = source.plain if isinstance(source, tree.Text) else None
        return f"![]({written}|width=240)" if written is not None and written.startswith("https://") else ""
    return picture(analysis, path) if path.rpartition(".")[2].lower() in PICTURE_EXTENSIONS else ""


def _path(analysis: Analysis, source: tree.Value) -> str | None:
    """The project path of a source that is written as one."""
    written = source.plain if isinstance(source, tree.Text) else None
    if not written or is_address(written):
        return None
    try:
        return analysis.files.resolve(source.span.source.path, written)
    except FilesError:
        return None
