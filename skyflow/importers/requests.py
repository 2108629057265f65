"""Requests for the API, written down as JSON → the storyboard that compiles to them.

What several requests have in common stands once: settings in `defaults`, references at the top, a sentence that ends every prompt as the
look. Everything else stands in its shot. A request is taken only if the API would take it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from skyflow.formatter import format_text
from skyflow.importers.imported import Imported, Refusal
from skyflow.importers.naming import Names, name_shot
from skyflow.importers.reading import Entry, Request, read_entries
from skyflow.importers.references import share_references
from skyflow.importers.settings import SETTINGS, needs_line, share_look, share_settings, write_setting
from skyflow.importers.writing import double_ats, write_text, write_title
from skyflow.source import SourceFile

MAX_TAKES = 100  # skyflow.requests.draft, MAX_TAKES: more tries of one shot than this are taken for a slip


def import_requests(source: SourceFile, title: str = "") -> Imported:
    """The storyboard of a file of requests: `.jsonl` has one a line, any other one request or a list of them.

    Bodies come out as they were, in their order, up to the order of references within a request, and to null and empty lists being left
    out. A request that the API would refuse is a refusal. Never raises for what the file holds.
    """
    entries, refusals = read_entries(source)
    if refusals or not entries:
        nothing = Refusal(source.path, "there is no request in it", "write one JSON object, or one on each line")
        return Imported("", tuple(refusals) or (nothing,))
    return Imported(format_text(SourceFile("imported.sky", _Writer(entries, title).write())))


class _Writer:
    """The storyboard of some requests, statement by statement."""

    def __init__(self, entries: Sequence[Entry], title: str) -> None:
        self.title = title
        self.shots = list(_gather_takes(entries))
        requests = [entry.request for entry, _ in self.shots]
        self.defaults = share_settings(requests)
        self.look = share_look([request["prompt"] for request in requests])
        self.references = share_references(requests)

    def write(self) -> str:
        blocks = [[f"storyboard {write_title(self.title)}"]] if self.title else []
        blocks += [list(self._defaults()), list(self.references.write())]
        names = Names()
        for number, (entry, takes) in enumerate(self.shots):
            prompt = entry.request["prompt"]
            if self.look:
                prompt = prompt[: -len(self.look) - 1]
            name = names.give(entry.name or name_shot(prompt) or "shot-1")
            lines = self._shot(number, entry, takes, prompt)
            blocks.append([f"shot {name} {{", *(f"  {line}" for line in lines), "}"])
        return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"

    def _defaults(self) -> Iterator[str]:
        lines = [write_setting(name, value) for name, value in self.defaults.items()]
        if self.look:
            lines.append(f"look = {write_text(self.look, 2)}")
        if len(lines) == 1 and "\n" not in lines[0]:
            yield f"defaults {{ {lines[0]} }}"
        elif lines:
            yield from ("defaults {", *(f"  {line}" for line in lines), "}")

    def _shot(self, number: int, entry: Entry, takes: int, prompt: str) -> Iterator[str]:
        yield from self.references.write_own(number)
        yield from self._settings(entry.request)
        if takes > 1:
            yield f"takes = {takes}"
        yield from self.references.write_uses(number)
        doubled = double_ats(prompt, entry.tags, self.references.visible)
        yield f"prompt = {write_text(doubled, 2)}"

    def _settings(self, request: Request) -> Iterator[str]:
        for name in SETTINGS:
            if needs_line(request, name, self.defaults):
                yield write_setting(name, request.get(name))


def _gather_takes(entries: Sequence[Entry]) -> Iterator[tuple[Entry, int]]:
    """Each request with how often it stands there in a row: the same request again is another take of the shot."""
    held: Entry | None = None
    takes = 0
    for entry in entries:
        if held is not None and entry.request == held.request and takes < MAX_TAKES:
            takes += 1
            continue
        if held is not None:
            yield held, takes
        held, takes = entry, 1
    if held is not None:
        yield held, takes
