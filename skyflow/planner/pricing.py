"""What each clip of a plan costs. A request is parsed once for each distinct structure, not once for each clip. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from skyflow.contract import MODELS, Price, PriceTable, price_of
from skyflow.ledger import Standing
from skyflow.requests.compiled import CompiledClip

# What a price is made of, as `canonical_json` spells it. Inside a JSON text every quote has a backslash before it, so that none of these can
# stand within a prompt; a name and the characters behind it hold the whole value. They are looked for from the end: prompts are long.
_DURATION, _RESOLUTION, _VIDEOS = '"duration":', '"resolution":', '"ref_videos":[{'
_MODEL_END = max(len(f'{{"model":"{model}"') for model in MODELS)
_DURATION_END = len(_DURATION) + len("15,")
_RESOLUTION_END = len(_RESOLUTION) + len('"1080p"')
_REFERENCE = '"type":"reference"'
_RESULT = re.compile(r'"video_url":"skyflow:shot/([0-9a-f]{64})/clip"')

_Settings = tuple[str, str, str]


class Pricing:
    """Prices by one table. A price is told as its number in `prices`, of which there are few."""

    def __init__(self, table: PriceTable) -> None:
        self.prices: list[Price] = []
        self._table = table
        self._numbers: dict[Price, int] = {}
        self._of_kin: dict[object, int] = {}
        self._plain: dict[_Settings, int] = {}
        self._with_video: dict[tuple[_Settings, bool, float | None, bool], int] = {}

    def number_of(self, clip: CompiledClip, standings: Mapping[str, Standing]) -> int:
        """The number of the clip's price. `standings` tell how long the clips turned out that it takes as its reference video."""
        number = self._of_kin.get(clip.kin)
        if number is not None:
            return number
        body = clip.body
        to = body.rfind(_RESOLUTION)
        at = body.rfind(_DURATION, 0, to)
        settings = (
            body[:_MODEL_END],
            body[at : at + _DURATION_END] if at >= 0 else "",
            body[to : to + _RESOLUTION_END] if to >= 0 else "",
        )
        if clip.mode == "Omni":
            start = body.find(_VIDEOS)
            if start >= 0:
                return self._video_number(clip, settings, body[start:], standings)
        number = self._plain.get(settings)
        if number is None:
            number = self._plain[settings] = self._keep(price_of(clip.request, self._table))
        if clip.kin is not None:
            self._of_kin[clip.kin] = number
        return number

    def _video_number(
        self, clip: CompiledClip, settings: _Settings, videos: str, standings: Mapping[str, Standing]
    ) -> int:
        seconds, certain, is_reference = clip.video_seconds, True, _REFERENCE in videos
        result = _RESULT.search(videos)
        if result is not None and is_reference:
            # Another shot's clip is as long as that shot asked for, give or take a frame; once it is made, as it turned out.
            made = standings.get(result[1])
            certain = made is not None and made.seconds is not None
            seconds = made.seconds if made is not None and made.seconds is not None else seconds
        known = (settings, is_reference, seconds, certain)
        number = self._with_video.get(known)
        if number is None:
            price = price_of(clip.request, self._table, seconds)
            number = self._with_video[known] = self._keep(Price(price.amount, price.exact and certain, price.seconds))
        return number

    def _keep(self, price: Price) -> int:
        number = self._numbers.setdefault(price, len(self.prices))
        if number == len(self.prices):
            self.prices.append(price)
        return number
