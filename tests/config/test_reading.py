"""skyflow.toml: what it can say, and that nothing else in it is passed over."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from skyflow.config import CONFIG_INVALID, Budget, Config, ConfigError, load_config
from skyflow.diagnostics.terminal import render_terminal


def write(root: Path, text: str) -> Path:
    (root / "skyflow.toml").write_text(text, encoding="utf-8")
    return root


def mistakes(root: Path, text: str) -> list[tuple[str, str, str]]:
    """Message, help and place (`line:column text`) of each mistake."""
    with pytest.raises(ConfigError) as caught:
        load_config(write(root, text))
    return [
        (
            found.message,
            found.help,
            f"{found.span}"[len("skyflow.toml:") :] + f" {found.span.text}" if found.span else "",
        )
        for found in caught.value.diagnostics
    ]


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load_config(tmp_path) == Config("out", None, None, Budget())


def test_everything_it_can_say(tmp_path: Path) -> None:
    text = """\
[project]
out = 'clips\\final'
prices = "./money/prices.toml"
variants-limit = 250_000

[budget]
run = "20.00"
day = 50
storyboard = 99.10
variant = 0
"""
    budget = Budget(Decimal("20.00"), Decimal(50), Decimal("99.10"), Decimal(0))
    assert load_config(write(tmp_path, text)) == Config("clips/final", "money/prices.toml", 250_000, budget)


def test_dotted_and_inline_keys_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    text = '\ufeffbudget = { run = "1" }\r\nproject.out = "a"\r\n'
    assert load_config(write(tmp_path, text)) == Config("a", budget=Budget(Decimal(1)))


@pytest.mark.parametrize(
    ("text", "message", "help_text", "place"),
    [
        ("[budget]\nrnu = 1", "`rnu` is no key of [budget]", "did you mean `run`?", "2:1 rnu"),
        ("[budgt]\nrun = 1", "`budgt` is no section of skyflow.toml", "did you mean `budget`?", "1:2 budgt"),
        ("# a\nout = 'x'", "`out` is no section of skyflow.toml", "write it below [project]", "2:1 out"),
        ("[project]\nzzz = 1", "`zzz` is no key of [project]", "known: out, prices, variants-limit", "2:1 zzz"),
        ("project = 3", "`project` is a section", "write [project] and its keys below it", "1:1 project"),
        (
            "[project]\nout = 3",
            "`out` cannot be read",
            'expected a path within the project, such as "clips"',
            "2:1 out",
        ),
        ("budget.run = true", "`run` cannot be read", 'expected US dollars, such as "20.00"', "1:1 budget.run"),
        ('[budget]\nday = "２"', "`day` cannot be read", 'expected US dollars, such as "20.00"', "2:1 day"),
        ('[budget]\nday = "1_0"', "`day` cannot be read", 'expected US dollars, such as "20.00"', "2:1 day"),
        ('[budget]\nday = "1e3"', "`day` cannot be read", 'expected US dollars, such as "20.00"', "2:1 day"),
        ("[project]\n[live]\nx=1", "`live` is no section of skyflow.toml", "SKYFLOW_BASE_URL", "2:2 live"),
        ("[project]\napi_key='k'", "`api_key` is no key of [project]", "SKYFLOW_API_KEY", "2:1 api_key"),
    ],
)
def test_what_is_wrong_is_pointed_at(tmp_path: Path, text: str, message: str, help_text: str, place: str) -> None:
    [(said, helped, where)] = mistakes(tmp_path, text)
    assert (said, where) == (message, place)
    assert help_text in helped


@pytest.mark.parametrize("amount", ["-1", "'12 USD'", "nan", "inf", "'NaN'", "[1]", "''", "1979-05-27"])
def test_what_is_no_sum_of_money(tmp_path: Path, amount: str) -> None:
    assert len(mistakes(tmp_path, f"[budget]\nday = {amount}")) == 1


@pytest.mark.parametrize("path", ["../x", "/x", "~/x", "C:/x", "a/../../x", "", r"..\\x", r"a\u0000b"])
def test_a_path_must_stay_in_the_project(tmp_path: Path, path: str) -> None:
    assert len(mistakes(tmp_path, f'[project]\nout = "{path}"')) == 1


@pytest.mark.parametrize("count", ["0", "-5", "1.5", "true", "'many'"])
def test_what_is_no_count(tmp_path: Path, count: str) -> None:
    assert len(mistakes(tmp_path, f"[project]\nvariants-limit = {count}")) == 1


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    found = mistakes(tmp_path, "[project]\nouts = 1\n[budget]\nrun = 'x'\n[nope]\n")
    assert [place for _, _, place in found] == ["2:1 outs", "4:1 run", "5:2 nope"]


@pytest.mark.parametrize(
    ("text", "place"),
    [("[project]\nout = x\n", "2:7 x"), ("[project", "1:9 "), ("[a]\n[a]\n", "2:3 ]"), ("a = '", "1:6 ")],
)
def test_broken_toml_is_pointed_at(tmp_path: Path, text: str, place: str) -> None:
    [(message, _, where)] = mistakes(tmp_path, text)
    assert message.startswith("skyflow.toml is not TOML: ")
    assert where == place


def test_what_is_no_text_says_so(tmp_path: Path) -> None:
    (tmp_path / "skyflow.toml").write_bytes(b"[budget]\nrun = '\xff'")
    with pytest.raises(ConfigError, match="is not UTF-8 text: see the byte at offset 16"):
        load_config(tmp_path)
    (tmp_path / "skyflow.toml").unlink()
    (tmp_path / "skyflow.toml").mkdir()
    with pytest.raises(ConfigError, match=r"skyflow\.toml cannot be read: Is a directory"):
        load_config(tmp_path)


def test_the_rules_own_examples(tmp_path: Path) -> None:
    assert len(mistakes(tmp_path, CONFIG_INVALID.wrong)) == 1
    assert load_config(write(tmp_path, CONFIG_INVALID.right)) == Config(
        "clips", budget=Budget(run=Decimal(20), day=Decimal(50))
    )


@pytest.mark.parametrize(
    "text", ["[project]\napi-key = 'sk-very-secret'\n", "[host]\nkind = 's3'\nsecret-key = 'sk-very-secret'\n"]
)
def test_a_key_that_stands_there_is_not_shown(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, text))
    shown = render_terminal(caught.value.diagnostics)
    assert "-key = ****" in shown
    assert "very-secret" not in shown
