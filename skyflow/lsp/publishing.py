"""Diagnostics as the protocol has them, for each file the union of what the open storyboards say of it, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from lsprotocol import types

from skyflow.diagnostics import Diagnostic, Related
from skyflow.lsp.analysis import Analysis
from skyflow.lsp.coordinates import Rulers
from skyflow.lsp.workspace import Workspace
from skyflow.source import Span
from skyflow.storyboard.rules import NAME_UNUSED

Send = Callable[[types.PublishDiagnosticsParams], None]

_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "hint": types.DiagnosticSeverity.Hint,
}
# Which values will be given when the film is made is nothing that the editor could know: it is no mistake of the text.
_SOFTER = {"var-missing": types.DiagnosticSeverity.Information}


class Publisher:
    """What was published, by file, so that it is taken back when it holds no longer."""

    def __init__(self, workspace: Workspace, rulers: Callable[[], Rulers], send: Send) -> None:
        self._workspace = workspace
        self._rulers = rulers
        self._send = send
        self._said: dict[str, Analysis] = {}  # by the address of the storyboard that was analysed

    def publish(self, analysis: Analysis) -> None:
        """Tells of one storyboard anew, and of all files that it spoke about before."""
        uri = analysis.buffer.uri
        before = self._said.get(uri)
        self._said[uri] = analysis
        places = _files_of(analysis) | (_files_of(before) if before is not None else set())
        for path in sorted({*places, analysis.buffer.path}):
            self._tell(analysis.buffer.root, path)

    def forget(self, uri: str) -> None:
        """The storyboard was closed: what only it said is taken back."""
        analysis = self._said.pop(uri, None)
        if analysis is not None:
            for path in sorted({*_files_of(analysis), analysis.buffer.path}):
                self._tell(analysis.buffer.root, path)

    def _tell(self, root: Path, path: str) -> None:
        opened = next((buffer for buffer in self._workspace.of_project(root) if buffer.path == path), None)
        version = opened.version if opened is not None else None
        found: dict[object, types.Diagnostic] = {}
        for analysis in self._said.values():
            if analysis.buffer.root != root:
                continue
            known = analysis.versions.get(path)
            if known != version and path in _files_of(analysis):
                return  # it is open and has changed since: the next analysis is on its way
            for diagnostic in analysis.diagnostics:
                if diagnostic.path == path:
                    made = self.convert(diagnostic, root)
                    found.setdefault((made.code, str(made.range), made.message), made)
        self._send(types.PublishDiagnosticsParams(self._workspace.uri(root, path), list(found.values()), version))

    def convert(self, diagnostic: Diagnostic, root: Path) -> types.Diagnostic:
        """One diagnostic of the protocol. The help stands below the message: the protocol has no other place for it."""
        severity = _SOFTER.get(diagnostic.rule.id) or _SEVERITIES[diagnostic.severity]
        return types.Diagnostic(
            range=self._range(diagnostic.span),
            message="\n".join(_lines(diagnostic)),
            severity=severity,
            code=diagnostic.rule.id,
            source="skyflow",
            tags=[types.DiagnosticTag.Unnecessary] if diagnostic.rule is NAME_UNUSED else None,
            related_information=[self._related(related, root) for related in diagnostic.related] or None,
        )

    def _range(self, span: Span | None) -> types.Range:
        if span is None:
            return types.Range(types.Position(0, 0), types.Position(0, 0))
        return self._rulers().range(span)

    def _related(self, related: Related, root: Path) -> types.DiagnosticRelatedInformation:
        place = types.Location(self._workspace.uri(root, related.span.source.path), self._range(related.span))
        return types.DiagnosticRelatedInformation(place, related.label or "see here")


def _files_of(analysis: Analysis) -> set[str]:
    return {diagnostic.path for diagnostic in analysis.diagnostics}


def _lines(diagnostic: Diagnostic) -> Iterable[str]:
    yield diagnostic.message
    where = [f"variant {diagnostic.variant}"] if diagnostic.variant else []
    if diagnostic.also:
        where.append(f"{diagnostic.also:,} more")
    if where:
        yield f"in {' and '.join(where)}"
    if diagnostic.help:
        yield diagnostic.help
