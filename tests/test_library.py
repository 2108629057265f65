"""The library as a program uses it: check, compile, plan and run of one small film, and what is raised where it has errors."""

from __future__ import annotations

import ast
import subprocess
import sys
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


@pytest.mark.parametrize(
    ("argument", "value", "error"),
    [
        ("sample", 0, ValueError),
        ("sample", -5, ValueError),
        ("sample", "3", TypeError),
        ("limit", -1, ValueError),
        ("limit", 0, ValueError),
        ("limit", True, TypeError),
        ("concurrency", 0, ValueError),
        ("concurrency", -3, ValueError),
        ("concurrency", 2.0, TypeError),
        ("rate", 0, ValueError),
        ("rate", -1, ValueError),
        ("rate", float("nan"), ValueError),
        ("rate", float("inf"), ValueError),
        ("rate", "2", TypeError),
        ("budget", Decimal("NaN"), ValueError),
        ("budget", Decimal("Infinity"), ValueError),
        ("budget", Decimal("-0.01"), ValueError),
        ("budget", 2.0, TypeError),
        ("budget", "2", TypeError),
        ("shots", "street", TypeError),
        ("variants", ["city=Osaka", 3], TypeError),
        ("variables", {"city": 5}, TypeError),
        ("variables", ["city"], TypeError),
    ],
)
def test_a_wrong_argument_is_named_before_anything_begins(
    film: Path, argument: str, value: object, error: type[Exception]
) -> None:
    with pytest.raises(error, match=f"^{argument} takes .*; it was given ") as caught:
        skyflow.run(film, **{argument: value})
    assert len(str(caught.value)) < 250
    if argument in ("sample", "limit"):
        with pytest.raises(error, match=f"^{argument} takes "):
            skyflow.plan(film, **{argument: value})
    assert sorted(path.name for path in film.parent.iterdir()) == ["film.sky"]


def test_a_budget_may_be_a_whole_number_and_nothing(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKYFLOW_API_KEY", "a-key")
    monkeypatch.setenv("SKYFLOW_BASE_URL", "http://127.0.0.1:9")
    with pytest.raises(skyflow.RunRefused, match="over the limit of 0 for one run"):
        skyflow.run(film, live=True, budget=0)


def test_the_errors_that_are_promised_can_be_caught_by_name(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SKYFLOW_API_KEY", raising=False)
    monkeypatch.delenv("SKYFLOW_API_KEY_FILE", raising=False)
    with pytest.raises(skyflow.CredentialsError):
        skyflow.run(film, live=True)
    prices = film.with_name("prices.toml")
    prices.write_text("nothing", encoding="utf-8")
    with pytest.raises(skyflow.PriceTableError):
        skyflow.plan(film, prices=prices)
    prices.write_bytes(b"\xff\xfe")
    with pytest.raises(skyflow.PriceTableError, match=r"prices\.toml is not UTF-8 text"):
        skyflow.plan(film, prices=prices)
    (film.parent / ".skyflow").write_text("a file where the ledger's folder would be", encoding="utf-8")
    with pytest.raises(skyflow.LedgerError):
        skyflow.run(film)
    film.with_name("skyflow.toml").write_text("[budget]\nrnu = 1\n", encoding="utf-8")
    for command in (skyflow.check, skyflow.compile, skyflow.plan):
        with pytest.raises(skyflow.ConfigError):
            command(film)


def test_prices_in_another_currency_are_no_dollars(film: Path) -> None:
    listed = (Path(skyflow.__file__).parent / "contract" / "prices.toml").read_text(encoding="utf-8")
    prices = film.with_name("prices.toml")
    prices.write_text(listed.replace('currency = "USD"', 'currency = "EUR"'), encoding="utf-8")
    with pytest.raises(skyflow.PriceTableError, match="counts in EUR"):
        skyflow.plan(film, prices=prices)


def test_everything_that_is_exported_is_there_and_nothing_is_imported_before() -> None:
    program = (
        "import sys, skyflow\n"
        "early = sorted(name for name in sys.modules if name.startswith('skyflow.'))\n"
        "assert early == ['skyflow.version'], early\n"
        "assert all(getattr(skyflow, name) for name in skyflow.__all__)\n"
        "from skyflow import *\n"
        "assert issubclass(RunRefused, Exception) and not hasattr(skyflow, 'RunRefsued')\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_type_checkers_know_each_error_that_is_imported_on_use() -> None:
    module = ast.parse(Path(skyflow.__file__).read_text(encoding="utf-8"))
    [typed] = [node for node in module.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    known = {alias.name: node.module for node in typed.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert {name: known.get(name) for name in skyflow._ERRORS} == {
        name: f"skyflow.{room}" for name, room in skyflow._ERRORS.items()
    }
    assert set(skyflow._ERRORS) <= set(skyflow.__all__)
