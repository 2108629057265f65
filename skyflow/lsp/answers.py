"""Our own values → those of the protocol."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lsprotocol import types

from skyflow.diagnostics import Edit
from skyflow.lsp.completion import Suggestion, SuggestionKind
from skyflow.lsp.coordinates import Ruler, Rulers
from skyflow.lsp.outline import Entry, Fold, Kind
from skyflow.source import SourceFile

_ITEM_KINDS: dict[SuggestionKind, types.CompletionItemKind] = {
    "statement": types.CompletionItemKind.Keyword,
    "setting": types.CompletionItemKind.Property,
    "word": types.CompletionItemKind.EnumMember,
    "tag": types.CompletionItemKind.Reference,
    "variable": types.CompletionItemKind.Variable,
    "column": types.CompletionItemKind.Field,
    "filter": types.CompletionItemKind.Function,
    "test": types.CompletionItemKind.Function,
    "shot": types.CompletionItemKind.Class,
    "call": types.CompletionItemKind.Function,
    "file": types.CompletionItemKind.File,
    "folder": types.CompletionItemKind.Folder,
    "text": types.CompletionItemKind.Snippet,
    "rule": types.CompletionItemKind.Constant,
}
_SYMBOL_KINDS: dict[Kind, types.SymbolKind] = {
    "title": types.SymbolKind.String,
    "file": types.SymbolKind.File,
    "variable": types.SymbolKind.Variable,
    "asset": types.SymbolKind.Constant,
    "defaults": types.SymbolKind.Object,
    "scene": types.SymbolKind.Namespace,
    "shot": types.SymbolKind.Class,
    "keyframe": types.SymbolKind.Event,
}


def completion_item(found: Suggestion, ruler: Ruler, *, snippets: bool) -> types.CompletionItem:
    """One suggestion. Where the editor knows no snippets, the plain text up to the first place to fill in."""
    is_snippet = found.snippet and snippets
    text = found.text if is_snippet or not found.snippet else _without_places(found.text)
    return types.CompletionItem(
        label=found.label,
        kind=_ITEM_KINDS[found.kind],
        detail=found.about or None,
        sort_text=f"{found.order:04d}{found.label}",
        filter_text=found.label,
        insert_text_format=types.InsertTextFormat.Snippet if is_snippet else types.InsertTextFormat.PlainText,
        text_edit=types.TextEdit(ruler.range(found.start, found.end), text),
    )


def _without_places(snippet: str) -> str:
    return snippet.partition("$")[0].rstrip("{ \n\t")


def document_symbol(entry: Entry, ruler: Ruler) -> types.DocumentSymbol:
    """One entry of the outline with those in it. What is marked must lie inside, also where a `}` is missing."""
    return types.DocumentSymbol(
        name=entry.name.strip() or "…",
        kind=_SYMBOL_KINDS[entry.kind],
        detail=entry.detail or None,
        range=ruler.range(entry.span.start, max(entry.span.end, entry.name_span.end)),
        selection_range=ruler.range(entry.name_span.start, entry.name_span.end),
        children=[document_symbol(child, ruler) for child in entry.children],
    )


def folding_range(fold: Fold) -> types.FoldingRange:
    return types.FoldingRange(fold.start, fold.end, kind=types.FoldingRangeKind.Comment if fold.comment else None)


def text_edits(edits: Iterable[Edit], rulers: Rulers) -> list[types.TextEdit]:
    return [types.TextEdit(rulers.range(edit.span), edit.text) for edit in edits]


def replacements(
    source: SourceFile, places: Sequence[tuple[int, int]], text: str, rulers: Rulers
) -> list[types.TextEdit]:
    """One text in several places."""
    ruler = rulers.of(source)
    return [types.TextEdit(ruler.range(start, end), text) for start, end in sorted(set(places))]
