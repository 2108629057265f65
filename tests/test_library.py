"""The library as a program uses it: check, compile, plan and run of one small film, and what is raised where it has errors."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import skyflow
from skyflow.media import check_playable
from skyflow.runner import RunRefused

FILM = """\
storyboard "Small"
defaults { model = fast
  resolution = 480p
  duration = 3s }
var city = "Tokyo" | "Osaka"
shot street { prompt = "A street in {{ city }}." }
shot sea {
  first_frame = last_frame(street)
  prompt = "The sea."
}
"""


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.sky"
    path.write_text(FILM, encoding="utf-8")
    return path


def test_check_and_compile(film: Path) -> None:
    assert skyflow.check(film) == ()
    clips = list(skyflow.compile(film, variables={"city": "Osaka"}, shots=["street"]))
    assert [(clip.variant, clip.shot, clip.request["prompt"]) for clip in clips] == [
        ("city=Osaka", "street", "A street in Osaka.")
    ]


def test_a_link_to_the_storyboard_is_the_storyboard(film: Path) -> None:
    link = film.with_name("link.sky")
    link.symlink_to(film.name)
    assert len(list(skyflow.compile(link))) == 4


def test_errors_are_raised_with_all_diagnostics(film: Path) -> None:
    film.write_text('shot a { prompt = "{{ x }}" }\nshot b { duration = 99s\n prompt = "b" }\n', encoding="utf-8")
    with pytest.raises(skyflow.StoryboardError, match=r"film\.sky:1.*and 2 more") as caught:
        skyflow.compile(film)
    assert {diagnostic.rule.id for diagnostic in caught.value.diagnostics} == {
        "model-required",
        "name-unknown",
        "duration-range",
    }


def test_run_makes_what_plan_shows_and_the_second_time_nothing(film: Path) -> None:
    planned = skyflow.plan(film, variables={"city": "Osaka"})
    heard: list[str] = []
    made = skyflow.run(film, variables={"city": "Osaka"}, on_event=lambda event: heard.append(type(event).__name__))
    assert planned.total.clips == 2
    assert made.exit_code == 0
    assert {clip.shot: check_playable(clip.path) for clip in made.clips if clip.path} == {
        "street": pytest.approx(3, abs=0.1),
        "sea": pytest.approx(3, abs=0.1),
    }
    assert heard.count("Submitted") == 2
    assert skyflow.plan(film, variables={"city": "Osaka"}).total.clips == 0
    assert {str(clip.outcome) for clip in skyflow.run(film, variables={"city": "Osaka"}).clips} == {"there already"}


def test_over_its_budget_a_live_run_starts_nothing(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKYFLOW_API_KEY", "a-key")
    # Nobody listens there: whoever sent something would fail in another way.
    monkeypatch.setenv("SKYFLOW_BASE_URL", "http://127.0.0.1:9")
    with pytest.raises(RunRefused, match=r"over the limit of 0\.10 for one run"):
        skyflow.run(film, live=True, budget=Decimal("0.10"))
