"""The questions of the editor, each answered by one function. FEATURES is all that the server can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified, JsonRpcException

from skyflow.diagnostics import Edit
from skyflow.lsp import answers
from skyflow.lsp.analysis import Analysis
from skyflow.lsp.colours import MODIFIERS, TYPES, colours, encode
from skyflow.lsp.completion import Sight, complete, list_files, read_cursor
from skyflow.lsp.fixes import Mend, allowances_at, mend_all, mends_at, without_repetitions
from skyflow.lsp.formatting import formatting_edits
from skyflow.lsp.hints import hints
from skyflow.lsp.hover import hover_at
from skyflow.lsp.names import Occurrence, RenameRefused, check_new_name, find_column
from skyflow.lsp.outline import folds, outline
from skyflow.lsp.refactoring import find_all, plan
from skyflow.lsp.refresher import Outdated
from skyflow.pipeline import RULES
from skyflow.source import SourceFile
from skyflow.storyboard.allowances import ALLOWED_ERRORS
from skyflow.storyboard.rules import ALLOW_UNUSED

if TYPE_CHECKING:
    from skyflow.lsp.server import Server

CONTENT_MODIFIED = JsonRpcContentModified.CODE
REQUEST_FAILED = -32803  # Language Server Protocol 3.17, "LSPErrorCodes": the message is for the person
FIX_ALL = types.CodeActionKind.SourceFixAll.value + ".skyflow"
_ALLOWABLE = tuple(
    rule for rule in RULES if (rule.severity == "warning" or rule.id in ALLOWED_ERRORS) and rule is not ALLOW_UNUSED
)


async def _analysis(ls: Server, uri: str) -> Analysis | None:
    """The analysis of a text as it stands now; None where it is no storyboard that is open."""
    buffer = ls.session.workspace.buffers.get(uri)
    if buffer is None or not buffer.is_storyboard:
        return None
    try:
        return await ls.session.current(uri)
    except Outdated:
        raise JsonRpcContentModified from None


class _AtPosition(Protocol):
    """A question about a place in a text."""

    text_document: types.TextDocumentIdentifier
    position: types.Position


async def _place(ls: Server, params: _AtPosition) -> tuple[Analysis, int] | None:
    """The analysis and the offset that a question is about."""
    analysis = await _analysis(ls, params.text_document.uri)
    if analysis is None:
        return None
    return analysis, ls.session.rulers.of(analysis.source).offset(params.position)


def _location(ls: Server, root: Path, source: SourceFile, start: int, end: int) -> types.Location:
    return types.Location(ls.session.workspace.uri(root, source.path), ls.session.rulers.of(source).range(start, end))


def _workspace_edit(
    ls: Server, root: Path, edits: Mapping[SourceFile, Sequence[types.TextEdit]]
) -> types.WorkspaceEdit:
    """Edits of several files, with the versions that they are meant for where the editor can tell these apart."""
    workspace = ls.client_capabilities.workspace
    known = workspace.workspace_edit if workspace is not None else None
    by_uri = {ls.session.workspace.uri(root, source.path): list(found) for source, found in edits.items()}
    if known is None or not known.document_changes:
        return types.WorkspaceEdit(changes=by_uri)
    changes = []
    for uri, found in by_uri.items():
        buffer = ls.session.workspace.buffers.get(uri)
        version = buffer.version if buffer is not None else None
        changes.append(types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri, version), found))
    return types.WorkspaceEdit(document_changes=changes)


# --- session --------------------------------------------------------------------------------------------------------


def initialize(ls: Server, params: types.InitializeParams) -> None:
    ls.begin(params)


def initialized(ls: Server, _params: types.InitializedParams) -> None:
    ls.watch_files()
    ls.settle()


def did_save(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    ls.session.changed_on_disk([params.text_document.uri])


def did_change_watched_files(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    ls.session.changed_on_disk([change.uri for change in params.changes])


def did_change_configuration(ls: Server, params: types.DidChangeConfigurationParams) -> None:
    ls.session.configured(params.settings)


# --- typing ---------------------------------------------------------------------------------------------------------


async def completion(ls: Server, params: types.CompletionParams) -> types.CompletionList | None:
    session, uri = ls.session, params.text_document.uri
    buffer = session.workspace.buffers.get(uri)
    if buffer is None or not buffer.is_storyboard:
        return None
    known = session.refresher.latest(uri)
    if not known:
        first = await _analysis(ls, uri)
        known = [first] if first is not None else []
    ruler = session.rulers.of(buffer.source)
    cursor = read_cursor(buffer.source, ruler.offset(params.position), known[0].file if known else None)
    sights = [Sight(one.storyboard, one.storyboarding.inputs, cursor.blocks) for one in known]
    found = complete(cursor, sights, _ALLOWABLE)
    suggestions = found.suggestions
    if (question := found.files) is not None:
        files, _ = session.workspace.files(buffer.root)
        suggestions = await session.look(lambda: list_files(question, files))
    snippets = ls.knows_snippets
    items = [answers.completion_item(one, ruler, snippets=snippets) for one in suggestions]
    return types.CompletionList(is_incomplete=False, items=items)


async def formatting(ls: Server, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
    session, uri = ls.session, params.text_document.uri
    buffer = session.workspace.buffers.get(uri)
    if buffer is None or not buffer.is_storyboard:
        return None
    edits = await session.work(lambda: formatting_edits(buffer.source))
    if session.workspace.buffers.get(uri) is not buffer:
        raise JsonRpcContentModified
    return answers.text_edits(edits, session.rulers)


async def code_action(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    analysis = await _analysis(ls, params.text_document.uri)
    if analysis is None:
        return None
    start, end = ls.session.rulers.of(analysis.source).offsets(params.range)
    only = params.context.only
    actions: list[types.CodeAction] = []
    if _is_wanted(types.CodeActionKind.QuickFix.value, only):
        mends = [*mends_at(analysis, start, end), *allowances_at(analysis, start, end)]
        actions.extend(_quick_fix(ls, analysis, mend) for mend in without_repetitions(mends))
    if _is_wanted(FIX_ALL, only) and (everything := mend_all(analysis)) is not None:
        edit = _edits(ls, analysis, everything.edits)
        actions.append(types.CodeAction(everything.title, kind=FIX_ALL, edit=edit))
    return actions


def _is_wanted(kind: str, only: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Whether a kind of action was asked for: kinds are a tree, `source` asks for `source.fixAll` too."""
    wanted = [one.value if isinstance(one, types.CodeActionKind) else one for one in only or ()]
    return not wanted or any(not one or kind == one or kind.startswith(f"{one}.") for one in wanted)


def _quick_fix(ls: Server, analysis: Analysis, mend: Mend) -> types.CodeAction:
    assert mend.diagnostic is not None
    mended = ls.session.publisher.convert(mend.diagnostic, analysis.buffer.root)
    return types.CodeAction(
        mend.title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[mended],
        edit=_edits(ls, analysis, mend.edits),
        is_preferred=mend.preferred or None,
    )


def _edits(ls: Server, analysis: Analysis, edits: Sequence[Edit]) -> types.WorkspaceEdit:
    by_source: dict[SourceFile, list[types.TextEdit]] = {}
    for edit in edits:
        by_source.setdefault(edit.span.source, []).extend(answers.text_edits([edit], ls.session.rulers))
    return _workspace_edit(ls, analysis.buffer.root, by_source)


# --- reading --------------------------------------------------------------------------------------------------------


async def hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    place = await _place(ls, params)
    if place is None:
        return None
    analysis, offset = place
    pictures = ls.session.options.pictures
    found = await ls.session.work(lambda: hover_at(analysis, offset, pictures=pictures))
    if found is None:
        return None
    content = types.MarkupContent(types.MarkupKind.Markdown, found.text)
    return types.Hover(content, ls.session.rulers.of(analysis.source).range(found.start, found.end))


async def document_symbol(ls: Server, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol] | None:
    analysis = await _analysis(ls, params.text_document.uri)
    if analysis is None:
        return None
    ruler = ls.session.rulers.of(analysis.source)
    return [answers.document_symbol(entry, ruler) for entry in outline(analysis.file.statements)]


async def folding_range(ls: Server, params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
    analysis = await _analysis(ls, params.text_document.uri)
    if analysis is None:
        return None
    found = await ls.session.work(lambda: folds(analysis.file))
    return [answers.folding_range(fold) for fold in found]


async def semantic_tokens(ls: Server, params: types.SemanticTokensParams) -> types.SemanticTokens | None:
    return await _semantic_tokens(ls, params.text_document.uri, None)


async def semantic_tokens_range(ls: Server, params: types.SemanticTokensRangeParams) -> types.SemanticTokens | None:
    return await _semantic_tokens(ls, params.text_document.uri, params.range)


async def _semantic_tokens(ls: Server, uri: str, wanted: types.Range | None) -> types.SemanticTokens | None:
    analysis = await _analysis(ls, uri)
    if analysis is None:
        return None
    ruler = ls.session.rulers.of(analysis.source)
    start, end = ruler.offsets(wanted) if wanted is not None else (0, len(analysis.source.text))
    return types.SemanticTokens(await ls.session.work(lambda: encode(colours(analysis), ruler, start, end)))


async def inlay_hint(ls: Server, params: types.InlayHintParams) -> list[types.InlayHint] | None:
    analysis = await _analysis(ls, params.text_document.uri)
    if analysis is None:
        return None
    ruler = ls.session.rulers.of(analysis.source)
    start, end = ruler.offsets(params.range)
    found = await ls.session.work(lambda: list(hints(analysis, start, end)))
    return [
        types.InlayHint(ruler.position(hint.offset), hint.label, tooltip=hint.about, padding_left=True)
        for hint in found
    ]


async def document_link(ls: Server, params: types.DocumentLinkParams) -> list[types.DocumentLink] | None:
    analysis = await _analysis(ls, params.text_document.uri)
    if analysis is None:
        return None
    workspace, root = ls.session.workspace, analysis.buffer.root
    ruler = ls.session.rulers.of(analysis.source)
    names = await ls.session.work(lambda: analysis.names)
    local = [
        types.DocumentLink(ruler.range(found.start, found.end), workspace.uri(root, found.symbol.path))
        for found in names.occurrences
        if found.symbol.kind == "file"
    ]
    remote = [types.DocumentLink(ruler.range(found.start, found.end), found.url) for found in names.addresses]
    return [*local, *remote]


# --- names ----------------------------------------------------------------------------------------------------------


async def _named(ls: Server, params: _AtPosition) -> tuple[Analysis, Occurrence] | None:
    """What is named where a question is asked."""
    place = await _place(ls, params)
    if place is None:
        return None
    analysis, offset = place
    occurrence = (await ls.session.work(lambda: analysis.names)).at(offset)
    return (analysis, occurrence) if occurrence is not None else None


async def definition(ls: Server, params: types.DefinitionParams) -> types.Location | None:
    named = await _named(ls, params)
    if named is None:
        return None
    analysis, occurrence = named
    symbol, root = occurrence.symbol, analysis.buffer.root
    if symbol.kind == "file":
        start = types.Position(0, 0)
        return types.Location(ls.session.workspace.uri(root, symbol.path), types.Range(start, start))
    if symbol.kind == "column":
        span = await ls.session.work(lambda: find_column(symbol, analysis.files))
        return _location(ls, root, span.source, span.start, span.end) if span is not None else None
    tree = analysis.storyboard.trees.get(symbol.path)
    return _location(ls, root, tree.source, symbol.start, symbol.end) if tree is not None else None


async def references(ls: Server, params: types.ReferenceParams) -> list[types.Location] | None:
    named = await _named(ls, params)
    if named is None:
        return None
    analysis, occurrence = named
    found = await ls.session.work(lambda: find_all(ls.session.workspace, analysis, occurrence.symbol))
    declarations = params.context.include_declaration
    return [
        _location(ls, analysis.buffer.root, source, one.start, one.end)
        for source, places in found.items()
        for one in places
        if declarations or not one.declares
    ]


async def document_highlight(ls: Server, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight] | None:
    named = await _named(ls, params)
    if named is None:
        return None
    analysis, occurrence = named
    ruler = ls.session.rulers.of(analysis.source)
    return [
        types.DocumentHighlight(ruler.range(one.start, one.end), types.DocumentHighlightKind.Text)
        for one in analysis.names.of({occurrence.symbol})
    ]


async def prepare_rename(ls: Server, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
    named = await _named(ls, params)
    if named is None:
        return None
    analysis, occurrence = named
    try:
        if occurrence.implied:
            raise RenameRefused(
                f"`{analysis.source.text[occurrence.start : occurrence.end]}` is no name, but stands for one"
            )
        check_new_name(occurrence.symbol, occurrence.symbol.name)
    except RenameRefused as refusal:
        raise JsonRpcException(str(refusal), REQUEST_FAILED) from None
    span = ls.session.rulers.of(analysis.source).range(occurrence.start, occurrence.end)
    return types.PrepareRenamePlaceholder(span, occurrence.symbol.name)


async def rename(ls: Server, params: types.RenameParams) -> types.WorkspaceEdit | None:
    named = await _named(ls, params)
    if named is None:
        return None
    analysis, occurrence = named
    session = ls.session
    try:
        renaming = await session.work(
            lambda: plan(session.workspace, analysis, occurrence, params.new_name, session.options.variables)
        )
    except RenameRefused as refusal:
        raise JsonRpcException(str(refusal), REQUEST_FAILED) from None
    edits = {
        source: answers.replacements(source, places, renaming.name, session.rulers)
        for source, places in renaming.places.items()
    }
    return _workspace_edit(ls, analysis.buffer.root, edits)


_TRIGGERS = ["@", '"', "/", "(", "=", "{", ".", "|", "<", ",", " "]
_LEGEND = types.SemanticTokensLegend(list(TYPES), list(MODIFIERS))

FEATURES: tuple[tuple[str, Any, Any], ...] = (
    (types.INITIALIZE, initialize, None),
    (types.INITIALIZED, initialized, None),
    (types.TEXT_DOCUMENT_DID_SAVE, did_save, None),
    (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, did_change_watched_files, None),
    (types.WORKSPACE_DID_CHANGE_CONFIGURATION, did_change_configuration, None),
    (types.TEXT_DOCUMENT_COMPLETION, completion, types.CompletionOptions(trigger_characters=_TRIGGERS)),
    (types.TEXT_DOCUMENT_FORMATTING, formatting, None),
    (
        types.TEXT_DOCUMENT_CODE_ACTION,
        code_action,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL]),
    ),
    (types.TEXT_DOCUMENT_HOVER, hover, None),
    (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, document_symbol, None),
    (types.TEXT_DOCUMENT_FOLDING_RANGE, folding_range, None),
    (types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, semantic_tokens, _LEGEND),
    (types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, semantic_tokens_range, _LEGEND),
    (types.TEXT_DOCUMENT_INLAY_HINT, inlay_hint, None),
    (types.TEXT_DOCUMENT_DOCUMENT_LINK, document_link, None),
    (types.TEXT_DOCUMENT_DEFINITION, definition, None),
    (types.TEXT_DOCUMENT_REFERENCES, references, None),
    (types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, document_highlight, None),
    (types.TEXT_DOCUMENT_PREPARE_RENAME, prepare_rename, None),
    (types.TEXT_DOCUMENT_RENAME, rename, None),
)
"""Method, handler, options. All run in the event loop; what computes hands its work to the session's threads."""
