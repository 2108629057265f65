"""Opens a storyboard for a command that goes on with it: mistakes are told on standard error, and with an error there is no going on."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from skyflow.cli.screen import screen_width, wants_color
from skyflow.cli.storyboard_input import Input, as_typed, read_settings
from skyflow.diagnostics.summary import count_severities, has_errors, in_words

if TYPE_CHECKING:
    from skyflow.pipeline import Storyboarding


def open_with_settings(
    opened: Input,
    *,
    variables: Mapping[str, Sequence[str]],
    shots: Sequence[str] = (),
    variants: Sequence[str] = (),
    live: bool = False,
) -> Storyboarding:
    """The storyboard, unchecked, with the limits that the project sets."""
    from skyflow.pipeline import open_storyboard
    from skyflow.variants import MAX_VARIANTS

    settings = read_settings(opened)
    return open_storyboard(
        opened.path,
        opened.files,
        variables=variables,
        shots=shots,
        variants=variants,
        live=live,
        limit=settings.variants_limit or MAX_VARIANTS,
        host=settings.host,
        allowed=settings.allowed,
    )


def open_checked(
    opened: Input,
    *,
    color: str,
    variables: Mapping[str, Sequence[str]],
    shots: Sequence[str],
    variants: Sequence[str],
    live: bool = False,
) -> Storyboarding | None:
    """The storyboard, or None after its errors were told."""
    storyboard = open_with_settings(opened, variables=variables, shots=shots, variants=variants, live=live)
    diagnostics = as_typed(storyboard.check(), opened)
    if not diagnostics:
        return storyboard
    from skyflow.diagnostics.terminal import render_terminal

    shown = render_terminal(diagnostics, color=wants_color(color, sys.stderr), width=screen_width(sys.stderr))
    print(f"{shown}\n{opened.written}: {in_words(count_severities(diagnostics))}", file=sys.stderr)
    return None if has_errors(diagnostics) else storyboard
