"""The notes for people that a storyboard has at its shots. They are never sent, so neither requests nor plans hold them."""

from __future__ import annotations

import sys
from collections.abc import Container
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skyflow.pipeline import Storyboarding
    from skyflow.variants import ShotInstance


def notes_of(storyboard: Storyboarding, variants: Container[str]) -> dict[tuple[str, str], str]:
    """The notes of a checked storyboard, by variant and shot, in some variants: few, since each is computed in full."""
    from skyflow.variants import VariantWalk, expand

    resolved = storyboard.resolved
    if resolved is None or not any("note" in shot.settings for shot in resolved.shots):
        return {}
    found = {}
    for variant in VariantWalk(resolved, storyboard.inputs, sys.maxsize).variants():
        if variant.name in variants:
            for instance in expand(resolved, storyboard.inputs, variant, lambda _diagnostic, _shot: None).present:
                if note := _note_of(instance):
                    found[variant.name, instance.name] = note
    return found


def _note_of(instance: ShotInstance) -> str:
    from skyflow.variants import NoText, Unevaluated, evaluate, to_text

    setting = instance.shot.settings.get("note")
    if setting is None:
        return ""
    try:
        found = evaluate(setting.value, instance.environment)
        if found.value is None:
            return ""
        return found.rendered.text if found.rendered is not None else to_text(found.value)
    except (Unevaluated, NoText):  # it was told by the check
        return ""
