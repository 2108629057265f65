"""One variant → its shots as checked requests with their keys. Shots that no axis touches are drafted and checked once for all variants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from skyflow.contract import DEFAULT_DURATION, check_fields, check_request, mode_of
from skyflow.diagnostics import Diagnostic, Related
from skyflow.requests.compiled import CompiledClip, on_lines
from skyflow.requests.draft import draft_request
from skyflow.requests.draft_settings import Draft
from skyflow.requests.graph import Node, link, order
from skyflow.requests.keys import canonical_json, clip_key
from skyflow.requests.report import explain_violations
from skyflow.requests.rules import SHOT_REPEATED, TAKE_UNPICKED, UPLOAD_IMPOSSIBLE
from skyflow.requests.sources import ResultUse
from skyflow.source import Files, Span
from skyflow.storyboard import Asset, Shot
from skyflow.variants import VALUE_TYPE, ShotInstance, Variant, VariantShots, identity_of

Report = Callable[[Diagnostic], None]
# What keeps a local clip or sound, by its project path, from having an address that the API can fetch, and what to do; None where nothing does.
Unserved = Callable[[str], tuple[str, str] | None]

# Drafts are remembered for variants to come; beyond this many the oldest half is forgotten, so that a million variants fit into memory.
MAX_REMEMBERED = 4_096


@dataclass(slots=True)
class Film:
    """The shots of one variant, in storyboard order, and what each takes' key is; shots that cannot be compiled have no keys."""

    variant: Variant
    nodes: list[Node]
    requests: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    keys: dict[int, list[str]] = field(default_factory=dict)

    def is_compiled(self, node: Node) -> bool:
        """Whether the shot has a request that can be sent."""
        return node.index in self.keys

    def picked_key(self, node: Node) -> str:
        return self.keys[node.index][(node.draft.pick or 1) - 1]

    def body_lines(self) -> bytes:
        """The bodies of all takes in storyboard order, each on a line."""
        return on_lines(clip.body for clip in self._all_clips())

    def clip_lines(self) -> bytes:
        """All clips in storyboard order as JSON, each on a line."""
        return on_lines(clip.as_json() for clip in self._all_clips())

    def _all_clips(self) -> Iterator[CompiledClip]:
        return (clip for node in self.nodes if self.is_compiled(node) for clip in self.clips(node))

    def clips(self, node: Node, *, picked_only: bool = False) -> Iterator[CompiledClip]:
        """The clips of one shot, one for each take."""
        request = self.requests[node.index]
        needs = tuple(dict.fromkeys(self.picked_key(need) for need in node.needs if need is not None))
        mode = mode_of(request)
        seconds = reference_seconds(node, self)
        picked = node.draft.pick or 1
        for take, key in enumerate(self.keys[node.index], 1):
            if take == picked or not picked_only:
                yield CompiledClip(
                    self.variant.name,
                    node.instance.name,
                    take,
                    mode,
                    key,
                    needs,
                    request,
                    take == picked,
                    node.draft.paths,
                    seconds,
                )


class DraftMemory:
    """Drafts by what they read: two variants that agree in every top-level name a shot reads share its draft."""

    def __init__(
        self,
        files: Files,
        damaged_words: frozenset[str],
        everywhere: Mapping[str, Asset],
        unserved: Unserved | None = None,
        *,
        live: bool = True,
    ) -> None:
        self.files = files
        self._damaged_words = damaged_words
        self._everywhere = everywhere
        self._unserved = unserved
        self._live = live
        self.only_live: set[tuple[Span | None, str]] = set()
        """What is no mistake for the sandbox and is one for the real API: each once, by its place and its subject."""
        self._known: dict[tuple[Shot, tuple[int, ...]], list[tuple[tuple[str, ...], dict[tuple[Any, ...], Draft]]]] = {}
        self._count = 0

    def draft(self, instance: ShotInstance) -> Draft:
        """The checked draft of a shot."""
        groups = self._known.setdefault((instance.shot, instance.elements), [])
        top = instance.environment.top
        for names, drafts in groups:
            found = drafts.get(_values(top, names))
            if found is not None:
                return found
        draft = draft_request(instance, self.files, self._damaged_words, self._everywhere)
        self._check(draft, instance)
        names = tuple(sorted(instance.environment.reads))
        self._remember(groups, names, _values(top, names), draft)
        return draft

    def _remember(
        self,
        groups: list[tuple[tuple[str, ...], dict[tuple[Any, ...], Draft]]],
        names: tuple[str, ...],
        values: tuple[Any, ...],
        draft: Draft,
    ) -> None:
        drafts = next((drafts for known, drafts in groups if known == names), None)
        if drafts is None:
            drafts = {}
            groups.append((names, drafts))
        if len(drafts) >= MAX_REMEMBERED:
            for key in list(drafts)[: MAX_REMEMBERED // 2]:
                del drafts[key]
        drafts[values] = draft

    def _check(self, draft: Draft, instance: ShotInstance) -> None:
        """Every constraint of the contract, on what is certain: nothing is missed that a syntax error may have dropped."""
        violations = check_request(draft.request, lengths=draft.lengths, placeholders=True)
        draft.diagnostics.extend(explain_violations(violations, draft, damaged=instance.shot.scope.any_damage))
        problems = _upload_problems(draft, self._unserved) if self._unserved is not None else ()
        if self._live:
            draft.diagnostics.extend(problems)
        else:
            self.only_live.update((problem.span, problem.subject) for problem in problems)


def _upload_problems(draft: Draft, unserved: Unserved) -> Iterator[Diagnostic]:
    for path, url in _urls(draft.request):
        if path[-1] in ("video_url", "audio_url") and url in draft.paths:
            why = unserved(draft.paths[url])
            if why is not None:
                kind = "clip" if path[-1] == "video_url" else "sound"
                message = f"`{draft.paths[url]}` is a local {kind}, and {why[0]}"
                span = draft.origins[path]
                yield Diagnostic(UPLOAD_IMPOSSIBLE, message, span, help=why[1], shot=draft.name, subject=url)


def _values(top: Mapping[str, Any], names: tuple[str, ...]) -> tuple[Any, ...]:
    """The values of some top-level names as a key: 1, 1.0 and true are three things, rows are themselves."""
    return tuple(identity_of(top[name]) if name in top else None for name in names)


def _urls(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _urls(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _urls(inner, (*path, index))
    elif isinstance(value, str):
        yield path, value


def make_film(shots: VariantShots, memory: DraftMemory, report: Report) -> Film:
    """Drafts, links and keys all shots of a variant; everything that is wrong goes to `report`."""
    variant = shots.variant
    drafts = [memory.draft(instance) for instance in shots.present]
    for draft in drafts:
        for diagnostic in draft.diagnostics:
            report(diagnostic)
    nodes, diagnostics = link(shots, drafts)
    ordered, circles = order(nodes)
    film = Film(variant, nodes)
    for node in ordered:
        if node.draft.complete and all(need is not None and need.index in film.keys for need in node.needs):
            _finish(node, film)
    diagnostics = [*diagnostics, *circles, *_check_results(film), *_repeated(film)]
    for diagnostic in diagnostics:
        report(diagnostic)
    return film


def _finish(node: Node, film: Film) -> None:
    """The request with the keys of the clips that it uses, and the keys of its own takes."""
    request: Mapping[str, Any] = node.draft.request
    if node.draft.results:
        keys = {}
        for use, need in zip(node.draft.results, node.needs, strict=True):
            assert need is not None
            keys[use.url(use.slot_key)] = use.url(film.picked_key(need))
        request = _replaced(request, keys)
    canonical = canonical_json(request)
    film.requests[node.index] = request
    film.keys[node.index] = [clip_key(canonical, take) for take in range(1, node.draft.takes + 1)]


def _replaced(value: Any, urls: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(inner, urls) for name, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, urls) for inner in value]
    return urls.get(value, value) if isinstance(value, str) else value


# --- what only the graph can tell -----------------------------------------------------------------------------------


def clip_seconds(node: Node, film: Film) -> float | None:
    """How long a shot's clip will be, in seconds; None where that is not known before it is made."""
    request = node.draft.request
    if any(video["type"] == "reference" for video in request.get("ref_videos", ())):
        known = reference_seconds(node, film)
        return min(known, 10.0) if known is not None else None
    duration = request.get("duration", DEFAULT_DURATION)
    return float(duration) if isinstance(duration, int | float) else None


def reference_seconds(node: Node, film: Film) -> float | None:
    """The length of the reference or extended video of a shot, where it is known."""
    videos = node.draft.request.get("ref_videos")
    if not videos:
        return None
    url = videos[0]["video_url"]
    if url in node.draft.lengths:
        return node.draft.lengths[url]
    for use, need in zip(node.draft.results, node.needs, strict=True):
        if need is not None and url == use.url(use.slot_key):
            return clip_seconds(need, film)
    return None


def _check_results(film: Film) -> Iterator[Diagnostic]:
    for node in film.nodes:
        for use, need in zip(node.draft.results, node.needs, strict=False):
            if need is None:
                continue
            if need.draft.takes > 1 and need.draft.pick is None and not need.draft.failed & {"takes", "pick"}:
                yield _unpicked(need, use)
            if node.index not in film.keys:
                continue
            seconds = clip_seconds(need, film)
            if use.kind == "frame" and seconds is not None and use.seconds >= seconds:
                yield _too_late(use, need, seconds, node)
            if use.kind == "clip" and seconds is not None:
                yield from _check_clip_length(use, seconds, node)


def _check_clip_length(use: ResultUse, seconds: float, node: Node) -> Iterator[Diagnostic]:
    violations = check_fields(node.draft.request, lengths={use.url(use.slot_key): seconds}, placeholders=True)
    lengths = [found for found in violations if found.rule.id in ("video-too-long", "reference-truncated")]
    for diagnostic in explain_violations(lengths, node.draft):
        yield replace(diagnostic, help=f"make `{use.written}` shorter, or take another clip")


def _too_late(use: ResultUse, need: Node, seconds: float, node: Node) -> Diagnostic:
    return Diagnostic(
        VALUE_TYPE,
        f"`{need.instance.name}` lasts {seconds:g} s, so it has no frame at {use.seconds:g} s",
        use.span,
        help=f"name a time before {seconds:g}s, or write last_frame({use.written})",
        shot=node.instance.name,
        subject=use.written,
    )


def _unpicked(need: Node, use: ResultUse) -> Diagnostic:
    setting = need.instance.shot.settings.get("takes")
    span = setting.span if setting is not None else need.instance.shot.name.span
    return Diagnostic(
        TAKE_UNPICKED,
        f"`{need.instance.name}` has {need.draft.takes} takes, and other shots use it, but none is picked",
        span,
        help="write pick = 1 (or whichever you like best)",
        related=(Related(use.span, "used here"),),
        shot=need.instance.name,
    )


def _repeated(film: Film) -> Iterator[Diagnostic]:
    first: dict[str, Node] = {}
    for node in film.nodes:
        if node.index not in film.keys or not node.draft.request.get("prompt", "").strip():
            continue  # a missing prompt is told as such
        other = first.setdefault(film.keys[node.index][0], node)
        if other is not node and other.instance.name != node.instance.name:  # one name twice is told as such
            name = node.instance.shot.name.span
            yield Diagnostic(
                SHOT_REPEATED,
                f"`{node.instance.name}` is the same request as `{other.instance.name}`; they share one clip",
                name,
                help="for another try at a shot write takes = 2 in it",
                related=(Related(other.instance.shot.name.span, "the same request"),)
                if other.instance.shot is not node.instance.shot
                else (),
                shot=node.instance.name,
            )
