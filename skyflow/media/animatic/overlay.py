"""All that is written on a frame: badge, time code, caption, time line, labels, insets. The first and last frame stay clean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyflow.media.animatic.caption import Caption, side_margin
from skyflow.media.animatic.grid import GridStage
from skyflow.media.animatic.inset import collage_map, subject_cards
from skyflow.media.animatic.labels import TimeCode, baseline, pill
from skyflow.media.animatic.layers import Layer, clear, pen, scrim, with_room, with_shadow
from skyflow.media.animatic.layout import TIME_LINE, TOP_STRIP, Layout
from skyflow.media.animatic.palette import WHITE
from skyflow.media.animatic.spec import FRAME_RATE
from skyflow.media.animatic.typesetting import Style, draw_line, line_of, shortened
from skyflow.media.animatic.workshop import Label, Stage, Workshop

if TYPE_CHECKING:
    from PIL.Image import Image

# Other shots begin with a clip's last frame: what is written on it would be baked into them.
_FADE_FRAMES = 5


class Overlay:
    """Draws on the frames of one animatic."""

    def __init__(self, shop: Workshop, stage: Stage, layout: Layout) -> None:
        self._shop, self._stage, self._layout = shop, stage, layout
        self._size = round(13 * shop.spec.unit)
        self._middle = round(21 * shop.spec.unit)
        self._code = TimeCode(shop.fonts, self._size, shop.spec.width - layout.margin, self._middle)
        self._top = self._top_strip()
        self._pages = [self._page(layout.caption, index) for index in range(len(layout.caption.pages))]
        self._cards = self._small_cards()
        self._maps = self._map_layers()
        self._labels = [(label.at, self._label(label)) for label in stage.labels]

    def draw(self, frame: Image, index: int) -> None:
        """Draw on the frame with this number."""
        spec = self._shop.spec
        seconds, strength = index / FRAME_RATE, _strength(index, spec.frame_count)
        if self._cards is not None:
            self._cards.lay(frame)
        if strength <= 0:
            return
        share = index / max(1, spec.frame_count - 1)
        layers = [self._top, self._code.layer(index), self._pages[self._layout.caption.page_at(share)]]
        if isinstance(self._stage, GridStage) and self._maps:
            layers.append(self._maps[self._stage.cell_at(seconds)])
        layers.append(self._label_at(seconds))
        for layer in layers:
            if layer is not None:
                layer.lay(frame, strength)
        self._draw_time_line(frame, share, strength)

    def _top_strip(self) -> Layer | None:
        """The mode in a pill, then length and what else the badge says; on the right the ground of the time code."""
        spec, fonts, size = self._shop.spec, self._shop.fonts, self._size
        strip = (spec.width, round(TOP_STRIP * spec.unit))
        text = clear(strip)
        mode = pill(spec.mode, size, WHITE, fonts, room=spec.width / 3)
        text.alpha_composite(mode, (self._layout.margin, self._middle - mode.height // 2))
        left = self._layout.margin + mode.width + size * 0.7
        words = shortened(_facts(spec.seconds, spec.badge), fonts, size, self._code.left - left - size)
        line = line_of(words, Style("medium", WHITE), fonts, size)
        draw_line(text, line, (left, self._middle - size + baseline(2 * size, size)), size)
        ground = scrim(strip, 0.7, darkest_at_top=True)
        pad, half = size * 0.5, size * 0.78
        code = (self._code.left - pad, self._middle - half, spec.width - self._layout.margin + pad, self._middle + half)
        dark = clear(strip)
        pen(dark).rounded_rectangle(code, size * 0.5, fill=(0, 0, 0, 120))
        ground.alpha_composite(dark)
        ground.alpha_composite(with_shadow(text, size * 0.3, 1.2))
        return Layer.of(ground, (0, 0))

    def _page(self, caption: Caption, index: int) -> Layer | None:
        spec = self._shop.spec
        page = caption.pages[index]
        text = clear((spec.width, spec.height))
        block = len(page) * caption.line_step
        left = side_margin(spec, is_card=caption.is_card)
        top = (spec.height - block) / 2 if caption.is_card else spec.height - block - (TIME_LINE + 11) * spec.unit
        for number, line in enumerate(page):
            draw_line(text, line, (left, top + number * caption.line_step + caption.size * 1.02), caption.size)
        text = with_shadow(text, caption.size * 0.28, 1.1 if caption.is_card else 0.9)
        if caption.is_card:
            return Layer.of(text, (0, 0))
        height = min(spec.height, round(caption.height + 64 * spec.unit))
        ground = scrim((spec.width, height), 0.82, darkest_at_top=False)
        ground.alpha_composite(text.crop((0, spec.height - height, spec.width, spec.height)))
        return Layer.of(ground, (0, spec.height - height))

    def _small_cards(self) -> Layer | None:
        """Subjects beside a clip."""
        spec = self._shop.spec
        if not spec.references or spec.clip is None:
            return None
        canvas = clear((spec.width, spec.height))
        return Layer.of(subject_cards(self._shop, canvas, self._layout.room, spec.unit, small=True), (0, 0))

    def _map_layers(self) -> list[Layer | None]:
        stage = self._stage
        if not isinstance(stage, GridStage) or stage.collage is None or len(stage.cells) < 2:
            return []
        return [
            collage_map(self._shop, stage.collage, stage.cells, i, self._layout.room) for i in range(len(stage.cells))
        ]

    def _label(self, label: Label) -> Layer | None:
        """In the upper left corner, in the colour of its tag."""
        spec = self._shop.spec
        colour = self._shop.colours.get(label.tag, WHITE)
        room = round(6 * spec.unit)
        image = with_room(
            pill(label.text, round(12 * spec.unit), colour, self._shop.fonts, room=spec.width * 0.6), room
        )
        place = (self._layout.margin - room, round(TOP_STRIP * spec.unit) - room)
        return Layer.of(with_shadow(image, 3 * spec.unit, 0.6), place)

    def _label_at(self, seconds: float) -> Layer | None:
        return next((layer for at, layer in reversed(self._labels) if at <= seconds), None)

    def _draw_time_line(self, frame: Image, share: float, strength: float) -> None:
        """How much of the clip has passed, with the keyframes as ticks."""
        spec = self._shop.spec
        height = max(2, round(TIME_LINE * spec.unit))
        line = clear((spec.width, height))
        draw = pen(line)
        draw.rectangle((0, 0, spec.width, height), fill=(255, 255, 255, 60))
        draw.rectangle((0, 0, round(spec.width * share), height), fill=(255, 255, 255, 220))
        for keyframe in spec.keyframes:
            x = round(min(keyframe.at / spec.seconds, 1) * (spec.width - height))
            draw.rectangle((x, 0, x + height, height), fill=(*self._shop.colours.get(keyframe.tag, WHITE), 255))
        if (layer := Layer.of(line, (0, spec.height - height))) is not None:
            layer.lay(frame, strength)


def _strength(index: int, count: int) -> float:
    """0 on the first and the last frame, 1 from the fifth on: a frame cut from either end is a clean picture."""
    return max(0.0, min(1.0, index / _FADE_FRAMES, (count - 1 - index) / _FADE_FRAMES))


def _facts(seconds: float, badge: str) -> str:
    length = f"{seconds:.1f}".removesuffix(".0") + " s"
    return f"{length} · {badge}" if badge else length
