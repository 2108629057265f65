"""What is said of a shot: mode, seconds, cost and the request that it compiles to; of a scene: its shots."""

from __future__ import annotations

import json
from collections.abc import Sequence

from skyflow.lsp.analysis import Analysis, PricedClip, declared_path, total_price
from skyflow.lsp.names import Symbol
from skyflow.lsp.wording import code, count, money, plain, seconds
from skyflow.storyboard import Group, Shot

MODES = {"T2V": "text to video", "I2V": "image to video", "Omni": "references"}
MAX_REQUEST = 6_000  # characters of a request that are shown


def describe_node(analysis: Analysis, symbol: Symbol) -> str:
    """A shot or scene of this file, by where it gets its name."""
    node = analysis.nodes.get(symbol.start)
    if node is None:
        return ""
    return _describe_shot(analysis, node) if isinstance(node, Shot) else _describe_scene(analysis, node)


def _describe_scene(analysis: Analysis, scene: Group) -> str:
    shots = scene.shots()
    clips = [priced for shot in shots for priced in analysis.shots.get(declared_path(shot), ())]
    head = f"**{declared_path(scene)}** scene, {count(len(shots), 'shot')}"
    return f"{head}, {_cost(analysis, clips)}" if clips else head


def _describe_shot(analysis: Analysis, shot: Shot) -> str:
    name = declared_path(shot)
    clips = analysis.shots.get(name, ())
    if not clips:
        return f"**{name}** shot; it has no request while something is wrong with it or with a shot that it needs, or where `when` removes it"
    first = clips[0].clip
    lengths = dict.fromkeys(seconds(priced.price.seconds) for priced in clips if priced.price is not None)
    modes = dict.fromkeys(priced.clip.mode for priced in clips)
    facts = [" or ".join(f"{mode} ({MODES[mode]})" for mode in modes), *([" or ".join(lengths)] if lengths else [])]
    lines = [f"**{name}** {', '.join([*facts, _cost(analysis, clips)])}"]
    lines.append(_which(analysis, clips))
    request = json.dumps(first.request, ensure_ascii=False, indent=2)
    if len(request) > MAX_REQUEST:
        request = f"{request[:MAX_REQUEST]}\n…"
    lines.append(f"~~~json\n{request}\n~~~")
    return "\n\n".join(filter(None, lines))


def _cost(analysis: Analysis, clips: Sequence[PricedClip]) -> str:
    total = total_price(clips)
    if total is None:
        return "no price known"
    amount, exact = total
    each = total_price(clips[:1])
    written = money(amount, analysis.settings.prices.currency, exact=exact)
    if len(clips) > 1 and each is not None and each[0] * len(clips) == amount:
        written += f" ({len(clips)} × {money(each[0], analysis.settings.prices.currency, exact=each[1])})"
    return written


def _which(analysis: Analysis, clips: Sequence[PricedClip]) -> str:
    """What the figures stand for where there are several clips or variants."""
    first = clips[0].clip
    takes = sum(priced.clip.shot == first.shot for priced in clips)
    elements = len(dict.fromkeys(priced.clip.shot for priced in clips))
    parts = []
    if elements > 1:
        parts.append(f"made {elements:,} times, first as {code(first.shot)}")
    if takes > 1:
        parts.append(count(takes, "take"))
    if first.variant:
        parts.append(f"in the variant {plain(first.variant)}, one of {analysis.variant_count:,}")
    if analysis.files.guesses:
        parts.append("its files are still being looked at")
    return "; ".join(parts)
