"""One storyboard at one moment: what stands in it, what it means, what is wrong with it and what it compiles to. Never changed once made."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import islice

from skyflow.config import CONFIG_FILE, CONFIG_INVALID, Config, ConfigError
from skyflow.config.reading import parse_config
from skyflow.contract import DEFAULT_PRICES, Price, PriceTable, PriceTableError, price_of
from skyflow.diagnostics import Diagnostic
from skyflow.lsp.buffers import Buffer
from skyflow.lsp.names import NameIndex, index_names, nodes_of
from skyflow.lsp.open_files import OpenFiles
from skyflow.pipeline import Storyboarding, idle_allowances, open_storyboard
from skyflow.requests import CompiledClip
from skyflow.source import FileProblem, FilesError, SourceFile
from skyflow.storyboard import Group, Shot, Storyboard
from skyflow.syntax import tree
from skyflow.variants import MAX_VARIANTS, Inputs

GLANCE_SECONDS = 0.1  # ours: what was found by then is told at once; all variants are looked at a moment later
CHECK_SECONDS = 5.0  # ours: variants that are not checked by then are left to `skyflow check`
MAX_CLIPS = 2_000  # ours: of one variant; nobody reads more of them in an editor


@dataclass(frozen=True, slots=True)
class Settings:
    """What the project's `skyflow.toml` says, and what is wrong with it."""

    config: Config = field(default_factory=Config)
    prices: PriceTable = DEFAULT_PRICES
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class PricedClip:
    """A clip of the variant that the editor shows, with its list price where there is one."""

    clip: CompiledClip
    price: Price | None


class Superseded(Exception):
    """Nobody wants the analysis any more."""


@dataclass(eq=False)
class Analysis:
    """`versions` are those of the open buffers it was made from, by project path. `is_glance`: not all variants were looked at."""

    buffer: Buffer
    storyboarding: Storyboarding
    storyboard: Storyboard
    files: OpenFiles
    settings: Settings
    diagnostics: tuple[Diagnostic, ...]
    versions: Mapping[str, int]
    is_glance: bool = False

    @property
    def source(self) -> SourceFile:
        return self.buffer.source

    @property
    def file(self) -> tree.File:
        return self.storyboard.trees[self.buffer.path]

    @cached_property
    def names(self) -> NameIndex:
        """Who names what in this file."""
        return index_names(self.storyboard, self.files)

    @cached_property
    def nodes(self) -> Mapping[int, Group | Shot]:
        """Shots and scenes by where the name that declares them starts."""
        return {node.name.span.start: node for node in nodes_of(self.storyboard.root) if node.name is not None}

    @cached_property
    def shots(self) -> Mapping[str, Sequence[PricedClip]]:
        """The clips of the first variant by the declared name of their shot (`den.talk`), one for each element and take."""
        found: dict[str, list[PricedClip]] = {}
        broken = {declared_name(diagnostic.shot) for diagnostic in self.diagnostics if diagnostic.severity == "error"}
        variant: str | None = None
        for clip in islice(self.storyboarding.clips(), MAX_CLIPS):
            variant = clip.variant if variant is None else variant
            if clip.variant != variant:
                break
            name = declared_name(clip.shot)
            if name not in broken:
                found.setdefault(name, []).append(PricedClip(clip, _price(clip, self.settings.prices)))
        return found

    @cached_property
    def variant_count(self) -> int:
        """How many variants there are, before `when` drops some."""
        return count_variants(self.storyboarding.inputs)


def count_variants(inputs: Inputs) -> int:
    """How many variants there are, before `when` drops some."""
    count = 1
    for axis in inputs.axes:
        count *= max(1, len(axis.choices if axis.choices is not None else axis.variable.declaration.values))
    return count


def declared_name(shot: str) -> str:
    """The name of a shot as it is declared, without the numbers of loop elements: `item.2.spin` → `item.spin`."""
    return ".".join(part for part in shot.split(".") if not part.isdecimal())


def declared_path(node: Group | Shot) -> str:
    """The name of a shot or scene with those of the scenes around it: `den.talk`."""
    names: list[str] = []
    inner: Group | Shot | None = node
    while inner is not None and inner.name is not None:
        names.insert(0, inner.name.text)
        inner = inner.parent
    return ".".join(names)


def _price(clip: CompiledClip, table: PriceTable) -> Price | None:
    try:
        return price_of(clip.request, table, clip.video_seconds)
    except (KeyError, ArithmeticError, ValueError, TypeError):
        return None  # a request that breaks the contract has no price


def read_settings(files: OpenFiles) -> Settings:
    """The settings of a project. Mistakes in them are diagnostics, and what holds without a setting holds instead."""
    try:
        source = files.read(CONFIG_FILE)
        config = parse_config(source)
    except FilesError as error:
        if error.problem is FileProblem.MISSING:
            return Settings()
        return Settings(diagnostics=(Diagnostic(CONFIG_INVALID, str(error), file=CONFIG_FILE),))
    except ConfigError as error:
        return Settings(diagnostics=error.diagnostics)
    if config.prices is None:
        return Settings(config)
    try:
        return Settings(config, PriceTable.parse(files.read(config.prices).text))
    except (FilesError, PriceTableError) as error:
        at = source.text.find("prices")
        message = f"the price table `{config.prices}` cannot be used: {error}"
        help = "until then the packaged list prices are shown"
        wrong = Diagnostic(CONFIG_INVALID, message, source.span(at, at + len("prices")), help=help)
        return Settings(config, diagnostics=(wrong,))


def analyse(
    buffer: Buffer,
    files: OpenFiles,
    versions: Mapping[str, int],
    variables: Mapping[str, Sequence[str]],
    superseded: Callable[[], bool] = lambda: False,
    seconds: float = CHECK_SECONDS,
) -> Analysis:
    """The analysis of an open storyboard; after so many seconds no further variant is looked at. Raises Superseded."""
    end = time.monotonic() + seconds
    settings = read_settings(files)
    limit = settings.config.variants_limit or MAX_VARIANTS
    allowed = settings.config.allowed
    storyboarding = open_storyboard(buffer.path, files, variables=variables, limit=limit, allowed=allowed)
    several = count_variants(storyboarding.inputs) > 1
    is_glance = False

    def enough() -> bool:
        nonlocal is_glance
        if superseded():
            raise Superseded
        is_glance = several and time.monotonic() > end
        return is_glance

    if superseded():
        raise Superseded
    found = storyboarding.check(enough)
    assert storyboarding.resolved is not None, "an open buffer can be read"
    idle = idle_allowances([storyboarding.look], files.storyboards)
    return Analysis(
        buffer,
        storyboarding,
        storyboarding.resolved,
        files,
        settings,
        (*settings.diagnostics, *found, *idle),
        versions,
        is_glance,
    )


def total_price(clips: Sequence[PricedClip]) -> tuple[Decimal, bool] | None:
    """What some clips cost together, and whether that is certain; None where one has no price."""
    amount, exact = Decimal(0), True
    for priced in clips:
        if priced.price is None:
            return None
        amount += priced.price.amount
        exact = exact and priced.price.exact
    return amount, exact
