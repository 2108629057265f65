"""An output folder that cannot be written is refused before anything is sent."""

from __future__ import annotations

import pytest

from skyflow.runner import RunRefused


def test_nothing_is_sent_where_the_clips_could_not_be_shown(studio, make_clip) -> None:
    (studio.root / "out").write_text("a file stands in the place of the folder", encoding="utf-8")
    with pytest.raises(RunRefused, match="cannot be written"):
        studio.run([make_clip("a")])
    assert studio.service.journal == []
