"""The table of contents: the pure phases, called in order. text → tree → storyboard → variants → shots → checked requests."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cached_property, partial
from itertools import chain

from skyflow import contract, requests, storyboard, syntax, variants
from skyflow.config import AllowedRule, HostSettings, unserved
from skyflow.diagnostics import Diagnostic, Related, Rule, did_you_mean
from skyflow.requests import CastFilm, Collector, CompiledClip, DraftMemory, Film, Films
from skyflow.requests.compiled import on_lines
from skyflow.requests.graph import Node
from skyflow.requests.rules import ASSET_KIND
from skyflow.source import Files, FilesError
from skyflow.storyboard import Asset, Group, Shot, file_help, file_rule, resolve
from skyflow.storyboard.allowances import Look, allow_in_project, apply_allowances, find_allowances, tell_idle
from skyflow.storyboard.rules import ALLOW_UNUSED, FILE_TYPE, NAME_UNKNOWN, NAME_UNUSED, SHOT_NONE
from skyflow.syntax.rule import SYNTAX
from skyflow.variants import (
    MAX_VARIANTS,
    Inputs,
    Variant,
    VariantWalk,
    check_names,
    folder_name,
    identity_of,
    read_inputs,
    sample_variants,
    variant_meant,
)

RULES: tuple[Rule, ...] = (
    *syntax.RULES,
    *storyboard.RULES,
    *variants.RULES,
    *requests.RULES,
    *contract.RULES,
)
"""Every rule that a storyboard or a request can break, each once."""


class Storyboarding:
    """One storyboard, opened. `check` tells everything that is wrong; `clips` streams what it compiles to."""

    def __init__(
        self,
        path: str,
        files: Files,
        variables: Mapping[str, Sequence[str]],
        shots: Sequence[str],
        variant_patterns: Sequence[str],
        *,
        live: bool,
        limit: int,
        host: HostSettings | None = None,
        allowed: Sequence[AllowedRule] = (),
        moulds_allowed: bool = True,
    ) -> None:
        self.path = path
        self.title = path.rsplit("/", 1)[-1].removesuffix(".sky")
        self._files = files
        self._shots = tuple(shots)
        self._variants = tuple(variant_patterns)
        self._diagnostics: tuple[Diagnostic, ...] | None = None
        self._before: list[Diagnostic] = []
        self._allowed = tuple(allowed)
        self._look = Look(self._allowed)
        self._sample: frozenset[str] | None = None
        self._storyboard: storyboard.Storyboard | None = None
        self._inputs = Inputs()
        try:
            source = files.read(path)
        except FilesError as error:
            self._before.append(Diagnostic(file_rule(error), str(error), file=path, help=file_help(error)))
            return
        self._storyboard, self._before = resolve(source, files)
        self.title = self._storyboard.title
        self._inputs = read_inputs(self._storyboard, files, variables)
        self._before.extend(self._inputs.diagnostics)
        self._before.extend(check_names(self._storyboard, self._inputs.tables))
        self._walk = VariantWalk(self._storyboard, self._inputs, limit)
        assets = {asset.tag: asset for asset in _assets(self._storyboard.root) if asset.keyword != "voice"}
        refusal = partial(unserved, host)
        self._memory = DraftMemory(files, self._storyboard.damaged_words, assets, refusal, live=live)
        self._films = Films(self._storyboard, self._inputs, self._walk, self._memory, moulds_allowed)

    @property
    def resolved(self) -> storyboard.Storyboard | None:
        """What was meant by the names of the file and of those it uses; None where the file could not be read."""
        return self._storyboard

    @property
    def inputs(self) -> Inputs:
        """Its tables and its top-level variables with their alternatives; none where the file could not be read."""
        return self._inputs

    @property
    def look(self) -> Look:
        """What the check saw of the allowances in `skyflow.toml`."""
        return self._look

    @property
    def only_live(self) -> int:
        """How many more errors `check` would have told with `live`."""
        return len(self._memory.only_live) if self._storyboard is not None else 0

    # --- checking -------------------------------------------------------------------------------------------------

    def check(self, enough: Callable[[], bool] = lambda: False) -> tuple[Diagnostic, ...]:
        """Everything that is wrong, in all variants and shots, each mistake once, by file and place. Computed once.

        `enough` is asked after each variant. Where it says so those behind are left out, and nothing is called unused, idle or absent:
        while somebody types it is better to hear of the first thousand variants now than of all of them later.
        """
        if self._diagnostics is None:
            self._diagnostics = self._check(enough)
        return self._diagnostics

    def _check(self, enough: Callable[[], bool]) -> tuple[Diagnostic, ...]:
        collector = Collector()
        for diagnostic in self._before:
            collector.add(diagnostic)
        if self._storyboard is None:
            return collector.finish(0)
        too_many = self._walk.check_count()
        if too_many is not None:
            collector.add(too_many)
            return collector.finish(0)
        used: set[Asset] = set()
        blind: set[str] = set()
        failed = cut_short = False
        count = clip_count = 0
        names: set[str] = set()

        def report(diagnostic: Diagnostic, shot: str, variant: Variant) -> None:
            named = diagnostic if diagnostic.shot or not shot else replace(diagnostic, shot=shot)
            collector.add(named, variant.name, variant.number)

        for film in self._films.each(report):
            count += 1
            clip_count += len(film.nodes)
            cut_short = enough()
            if cut_short:
                break
            if isinstance(film, CastFilm):
                continue  # it has the shots and the assets of the film that its mould was taken from
            for node in film.nodes:
                names.add(node.instance.name)
                used |= node.draft.used
                blind |= node.draft.notes
                failed = failed or bool(node.draft.failed)
            if count == 1 and self._films.all_follow(film):
                break
        others = (self._walk.diagnostics, self._selection_problems(names), _voices_of_videos(self._storyboard.root))
        for diagnostic in chain.from_iterable(others):
            collector.add(diagnostic)
        if clip_count == 0 and collector.errors == 0 and self._storyboard.shots and not cut_short:
            collector.add(self._no_shot())
        if not failed and collector.errors == 0 and not cut_short:
            for diagnostic in self._unused_assets(used):
                collector.add(diagnostic)
        for note in sorted(blind):
            message = f"local media could not be looked into: {note}"
            collector.add(Diagnostic(FILE_TYPE, message, file=self.path, severity_override="hint", subject=note))
        return self._without_what_is_allowed(self._one_missing_model(collector.finish(count)), cut_short)

    def _without_what_is_allowed(self, found: tuple[Diagnostic, ...], cut_short: bool) -> tuple[Diagnostic, ...]:
        assert self._storyboard is not None
        trees = self._storyboard.trees
        allowances = [allowance for file in trees.values() for allowance in find_allowances(file)]
        if allowances:
            found = apply_allowances(found, allowances, RULES, self._storyboard.path)
        left, used = allow_in_project(found, self._allowed)
        is_whole = not cut_short and all(diagnostic.severity != "error" for diagnostic in left)
        self._look = Look(self._allowed, used, frozenset(trees), is_whole)
        return tuple(one for one in left if one.rule is not ALLOW_UNUSED) if cut_short else left

    def _one_missing_model(self, diagnostics: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        """A model that no shot has is one mistake, not one for each shot, and none where it was written outside of them."""
        missing = [diagnostic for diagnostic in diagnostics if diagnostic.rule.id == "model-required"]
        if any(diagnostic.rule is SYNTAX and diagnostic.subject == "model" for diagnostic in diagnostics):
            return tuple(diagnostic for diagnostic in diagnostics if diagnostic not in missing)
        if len(missing) < 2:
            return diagnostics
        told = replace(missing[0], message=f"no model is chosen for {len(missing)} shots, this one is the first")
        return tuple(told if d is missing[0] else d for d in diagnostics if d is missing[0] or d not in missing)

    def _no_shot(self) -> Diagnostic:
        assert self._storyboard is not None
        scopes = [self._storyboard.root.scope, *(shot.scope for shot in self._storyboard.shots)]
        when = next((scope.when for scope in scopes if scope.when is not None), None)
        span = when.span if when is not None else self._storyboard.shots[0].name.span
        return Diagnostic(
            SHOT_NONE,
            "no shot is left in any variant" if self._inputs.axes else "no shot is left",
            span,
            help="check every `when`, and every list that shots are repeated for",
        )

    def _unused_assets(self, used: set[Asset]) -> Iterator[Diagnostic]:
        assert self._storyboard is not None
        if self._storyboard.damaged_words or self._storyboard.root.scope.any_damage or not self._storyboard.shots:
            return
        written = "\n".join(text for shot in self._storyboard.shots for text in _texts_of(shot))
        for asset in _assets(self._storyboard.root):
            # A shot that no variant has at the moment still uses what it mentions.
            voice = asset.keyword == "voice"
            if asset not in used and (voice or asset.tag not in written):
                help = f"write {asset.tag} in a prompt, or remove it"
                if voice:
                    help = f"it speaks where the image {asset.tag} is mentioned"
                message = f"nothing uses the {asset.keyword} {asset.tag}"
                yield Diagnostic(NAME_UNUSED, message, asset.span, help=help, subject=f"{asset.keyword} {asset.tag}")

    def _selection_problems(self, names: set[str]) -> Iterator[Diagnostic]:
        for pattern in self._shots:
            if not any(_matches(name, pattern) for name in names):
                found = did_you_mean(pattern, names) or f"shots are {', '.join(sorted(names)[:10])}"
                yield Diagnostic(
                    NAME_UNKNOWN,
                    f"--shot {pattern}: there is no such shot",
                    file=self.path,
                    help=found,
                    subject=pattern,
                )
        for pattern in self._variants:
            if not any(_variant_matches(variant.name, pattern) for variant in self._walk.variants()):
                found = variant_meant(pattern, lambda: (variant.name for variant in self._walk.variants()))
                message = f"--variant {pattern}: there is no such variant"
                yield Diagnostic(NAME_UNKNOWN, message, file=self.path, help=found, subject=pattern)

    # --- compiling ------------------------------------------------------------------------------------------------

    def clips(self) -> Iterator[CompiledClip]:
        """The clips of the chosen shots and variants, and of the shots these need: variants outermost, in storyboard order.

        Only meaningful where `check` found no error: shots that cannot be compiled are left out.
        """
        for film in self._wanted_films():
            if not self._shots:
                for node in film.nodes:
                    if film.is_compiled(node):
                        yield from film.clips(node)
                continue
            chosen, needed = self._chosen(film)
            for node in film.nodes:
                if node.index in needed and film.is_compiled(node):
                    yield from film.clips(node, picked_only=node.index not in chosen)

    def body_lines(self) -> Iterator[bytes]:
        """The requests alone, as canonical JSON, each on a line, those of a variant together: no keys are made that nobody needs."""
        if self._shots:
            yield from (on_lines([clip.body]) for clip in self.clips())
        else:
            yield from (film.body_lines() for film in self._wanted_films())

    def clip_lines(self) -> Iterator[bytes]:
        """The clips as JSON, each on a line, those of a variant together: what `skyflow compile` prints."""
        if self._shots:
            yield from (on_lines([clip.as_json()]) for clip in self.clips())
        else:
            yield from (film.clip_lines() for film in self._wanted_films())

    def _wanted_films(self) -> Iterator[Film | CastFilm]:
        if self._storyboard is not None:
            yield from (film for film in self._films.each(_ignore) if self._wants(film.variant))

    def keep_sample(self, number: int) -> None:
        """From now on, compile only this many of the chosen variants: spread over the axes, and the same ones every time."""
        if self._storyboard is not None:
            axes = [axis.name for axis in self._inputs.axes]
            chosen = (variant for variant in self._walk.variants() if self._wants(variant))
            choices = [(one.name, tuple(identity_of(one.values.get(axis)) for axis in axes)) for one in chosen]
            self._sample = sample_variants(choices, number)

    def _wants(self, variant: Variant) -> bool:
        if self._sample is not None:
            return variant.name in self._sample
        return not self._variants or any(_variant_matches(variant.name, pattern) for pattern in self._variants)

    def _chosen(self, film: Film | CastFilm) -> tuple[set[int], set[int]]:
        """The shots that were asked for, and these with all that they need."""
        chosen = {
            node.index for node in film.nodes if any(_matches(node.instance.name, pattern) for pattern in self._shots)
        }
        needed: set[int] = set()
        pending: list[Node] = [node for node in film.nodes if node.index in chosen]
        while pending:
            node = pending.pop()
            if node.index not in needed:
                needed.add(node.index)
                pending.extend(need for need in node.needs if need is not None)
        return chosen, needed

    def variant_folder(self, variant: str) -> str:
        """The folder name of a variant: readable, safe everywhere, and different from every other one's, whatever the file system.

        It depends on the variants that stand before it in the storyboard, not on which ones are compiled.
        """
        return self.variant_folders()(variant)

    def variant_folders(self) -> Callable[[str], str]:
        """`variant_folder`, for whoever wants to keep it longer than the storyboard and all that was compiled of it."""
        clashing = self._clashing
        return lambda variant: folder_name(variant, always_digest=variant in clashing)

    @cached_property
    def _clashing(self) -> frozenset[str]:
        """The variants whose plain folder name some file system would take for that of an earlier one."""
        if self._storyboard is None:
            return frozenset()
        taken: set[str] = set()
        clashing: set[str] = set()
        for variant in self._walk.variants():
            folder = folder_name(variant.name).casefold()
            if folder in taken:
                clashing.add(variant.name)
            taken.add(folder)
        return frozenset(clashing)


def open_storyboard(
    path: str,
    files: Files,
    *,
    variables: Mapping[str, Sequence[str]] | None = None,
    shots: Sequence[str] = (),
    variants: Sequence[str] = (),
    live: bool = False,
    limit: int = MAX_VARIANTS,
    host: HostSettings | None = None,
    allowed: Sequence[AllowedRule] = (),
) -> Storyboarding:
    """Opens the storyboard at a project path. `variables` are values from outside (several of a name are alternatives),
    `shots` and `variants` are names or patterns (`*`, `?`) that choose a part. `live` also finds what only the real API demands;
    `host` and `allowed` are the asset host and the allowances of the project's settings. Never raises for what a storyboard holds."""
    return Storyboarding(
        path, files, variables or {}, shots, variants, live=live, limit=limit, host=host, allowed=allowed
    )


def idle_allowances(looks: Sequence[Look], storyboards: Callable[[], Collection[str] | None]) -> tuple[Diagnostic, ...]:
    """The allowances in `skyflow.toml` that allow nothing, as far as checked storyboards of a project show; `storyboards` lists all of them."""
    return tuple(tell_idle(looks, storyboards, RULES))


def _ignore(_diagnostic: Diagnostic, _shot: str, _variant: Variant) -> None:
    """What is wrong was told by `check`."""


def _assets(group: Group) -> Iterator[Asset]:
    """All assets of the file itself, in the order of the file; not those of used files."""
    yield from group.scope.assets.values()
    yield from group.scope.voices.values()
    for child in group.children:
        if isinstance(child, Group):
            yield from _assets(child)
        else:
            yield from child.scope.assets.values()
            yield from child.scope.voices.values()


def _voices_of_videos(root: Group) -> Iterator[Diagnostic]:
    """Voices whose tag is that of a video, and of no image anywhere."""
    images = {asset.tag for asset in _assets(root) if asset.keyword == "image"}
    for voice in _assets(root):
        video = voice.scope.find_asset(voice.tag)
        if voice.keyword == "voice" and video is not None and video.keyword == "video" and voice.tag not in images:
            message = f"{voice.tag} is a video, and only an image has a voice"
            help = "remove the voice, a clip brings its own sound; or give it the tag of an image"
            related = (Related(video.span, "the video"),)
            yield Diagnostic(ASSET_KIND, message, voice.span, help=help, related=related, subject=f"voice {voice.tag}")


def _texts_of(shot: Shot) -> Iterator[str]:
    """Everything that a shot says, as it is written."""
    yield from (setting.value.span.text for name, setting in shot.settings.items() if name not in ("note", "when"))
    yield from (keyframe.tag.text for keyframe in shot.keyframes if keyframe.source is None)
    yield from (extend.tag.text for extend in shot.extends if extend.source is None)


def _matches(name: str, pattern: str) -> bool:
    """Whether a shot is meant: by its name, by the scene it is in, by the loop it is an element of, or by a pattern."""
    return name == pattern or name.startswith(f"{pattern}.") or fnmatchcase(name, pattern)


def _variant_matches(name: str, pattern: str) -> bool:
    return name == pattern or fnmatchcase(name, pattern) or pattern in name.split(",")


__all__ = ["RULES", "Storyboarding", "idle_allowances", "open_storyboard"]
