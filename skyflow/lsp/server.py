"""The server on the wire: pygls reads and writes the messages, the session knows the texts, `handlers` answers the questions."""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from lsprotocol import types
from pygls.exceptions import FeatureRequestError, JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import JsonRPCNotification, LanguageServerProtocol, lsp_method
from pygls.uris import to_fs_path

from skyflow.lsp.handlers import CONTENT_MODIFIED, FEATURES, REQUEST_FAILED
from skyflow.lsp.session import Session
from skyflow.version import __version__

_log = logging.getLogger(__name__)
WATCHED = "**/*.{sky,csv,json,jsonl,toml,jpg,jpeg,png,gif,bmp,webp,mp4,mov,mp3,wav,m4a,aac,ogg,flac}"


class Protocol(LanguageServerProtocol):
    """The texts are kept by the session: pygls would count lines by Python's rules, which know more line ends than the protocol."""

    _server: Server

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        self._server.session.opened(params.text_document)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        self._server.session.changed(params.text_document.uri, params.text_document.version, params.content_changes)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self._server.session.closed(params.text_document.uri)

    def structure_message(self, data: dict[str, Any]) -> Any:
        """The message as a value. A question that cannot be read gets an error for an answer: else the editor would wait for ever."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=error.to_response_error())
            return JsonRPCNotification("$/unreadable", self.VERSION, None)

    @property
    def was_shut_down(self) -> bool:
        return self._shutdown


class Server(LanguageServer):
    """A language server for one editor."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("skyflow", __version__, protocol_cls=Protocol)
        self.session = Session(self.text_document_publish_diagnostics, self._refresh)
        for method, handler, options in FEATURES:
            self.feature(method, options)(handler)

    def begin(self, params: types.InitializeParams) -> None:
        """What the editor says first."""
        folders = params.workspace_folders or []
        uri = folders[0].uri if folders else params.root_uri
        folder = to_fs_path(uri) if uri else None
        encoding = self.workspace.position_encoding
        name = encoding.value if isinstance(encoding, types.PositionEncodingKind) else str(encoding)
        self.session.begin(name, params.initialization_options, Path(folder) if folder else None)

    def settle(self) -> None:
        """What is loaded by now stays for good: the collector of garbage need not look through it at every key."""
        gc.collect()
        gc.freeze()

    def watch_files(self) -> None:
        """Asks to be told when files change on the disk, where the editor can do that."""
        workspace = self.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace is not None else None
        if watching is None or not watching.dynamic_registration:
            return
        options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(WATCHED)])
        registration = types.Registration("watched-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        self.client_register_capability(types.RegistrationParams([registration]))

    @property
    def knows_snippets(self) -> bool:
        """Whether the editor understands `$1` in what it inserts."""
        document = self.client_capabilities.text_document
        completion = document.completion if document is not None else None
        item = completion.completion_item if completion is not None else None
        return bool(item is not None and item.snippet_support)

    def _refresh(self) -> None:
        workspace = self.client_capabilities.workspace
        if workspace is None:
            return
        if workspace.inlay_hint is not None and workspace.inlay_hint.refresh_support:
            self.workspace_inlay_hint_refresh(None)
        if workspace.semantic_tokens is not None and workspace.semantic_tokens.refresh_support:
            self.workspace_semantic_tokens_refresh(None)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """A mistake of ours goes to the log that editors keep of a server, and never pops up in front of somebody who writes."""
        if source is not FeatureRequestError:  # the answer to the request tells of these
            _log.error("%s: %s", getattr(source, "__name__", source), error)


class _Expected(logging.Filter):
    """pygls logs every error that it answers with; a text that has changed, or a refused name, is none of ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, JsonRpcException) or error.code not in (CONTENT_MODIFIED, REQUEST_FAILED)


def serve() -> int:
    """Answers one editor over standard input and output until it says goodbye or goes away.

    The exit code of the process: 0 after a proper goodbye, else 1 (Language Server Protocol 3.17, "exit").
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="skyflow: %(message)s")
    # Below an error it tells of what editors do, which is none of our business.
    logging.getLogger("pygls").setLevel(logging.ERROR)
    logging.getLogger("pygls.protocol.json_rpc").addFilter(_Expected())
    # Threads that compute give way more often than every 5 ms, so that answers are not kept waiting.
    sys.setswitchinterval(0.0005)
    server = Server()
    with _own_output() as target:
        try:
            server.start_io(sys.stdin.buffer, target)
        finally:
            server.session.end()
    return 0 if server.protocol.was_shut_down else 1


@contextmanager
def _own_output() -> Iterator[BinaryIO]:
    """Standard output for messages alone: whatever else is printed meanwhile, by whomever, goes to standard error."""
    sys.stdout.flush()
    ours = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        with os.fdopen(os.dup(ours), "wb") as target:
            yield target
    finally:
        sys.stdout.flush()
        os.dup2(ours, sys.stdout.fileno())
        os.close(ours)
