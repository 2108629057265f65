"""`skyflow plan` and `run --plan`: what is shown, what is saved, what is refused. The service is a sandbox process, so that nothing is only said."""

from __future__ import annotations

import csv
import io
import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

import skyflow

FILM = """\
storyboard "Night"

defaults {
  model = fast
  resolution = 480p
  duration = 3s
}

shot street { prompt = "A street at night." }

shot sea {
  first_frame = last_frame(street)
  prompt = "The sea."
}
"""
ADVERT = """\
storyboard "Mugs"

defaults {
  model = fast
  resolution = 720p
  duration = 5s
  look = "Shot on film, {{ p.colour }} accents."
}

var p from "products.csv"
var lang = "English" | "日本語"

image @product = "{{ p.picture }}"
image @Mika = "https://example.com/mika.jpg"

shot open { prompt = "@Mika places @product on a wooden table. A voice in {{ lang }} says: {{ p.copy }}" }
shot turn { prompt = "@product turns slowly in the light. {{ lang }}: {{ p.copy }}" }
shot hold { prompt = "@Mika holds @product towards the camera. {{ lang }}: {{ p.name }}" }
shot end { prompt = "@product stands alone. {{ lang }}: {{ p.copy }} {{ p.name }}" }
"""
ROWS = 12


@pytest.fixture
def film(folder: Path) -> Path:
    path = folder / "film.sky"
    path.write_text(FILM, encoding="utf-8")
    return path


def write_products(folder: Path, copies: dict[int, str] | None = None) -> None:
    with (folder / "products.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "picture", "copy", "colour"])
        for number in range(ROWS):
            copy = (copies or {}).get(number, f"Cup number {number}, hot coffee.")
            writer.writerow([f"cup{number:03}", f"pictures/{number}.png", copy, "red" if number % 2 else "blue"])


def paint(path: Path, shade: int) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", (64, 48), (shade, 90, 40)).save(path)


@pytest.fixture
def advert(folder: Path) -> Path:
    write_products(folder)
    for number in range(ROWS):
        paint(folder / "pictures" / f"{number}.png", number)
    path = folder / "advert.sky"
    path.write_text(ADVERT, encoding="utf-8")
    return path


@pytest.fixture
def service(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], dict]]:
    """A sandbox that renders nothing, as the live service; gives its journal."""
    import httpx

    monkeypatch.setenv("SKYFLOW_API_KEY", "sandbox-key")
    command = [sys.executable, "-m", "skyflow.sandbox", "--dir", str(folder / "service"), "--render", "none"]
    with subprocess.Popen(
        [*command, "--die-with-parent"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        monkeypatch.setenv("SKYFLOW_BASE_URL", url)
        headers = {"Authorization": "Bearer sandbox-key"}
        yield lambda: httpx.get(f"{url}/_sandbox/journal", headers=headers, trust_env=False).json()
        process.kill()


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_a_plan_is_a_table_and_what_it_comes_to(run, film: Path) -> None:
    ended = run("plan", "film.sky", "--live")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "Night: live on https://api.apimart.ai",
        "",
        "SHOT    MODE  SECONDS      COST  STATE",
        "street  T2V         3  0.24 USD  new",
        "sea     I2V         3  0.24 USD  needs street",
        "",
        "asked for  2 clips",
        "to make    2 clips, 6 seconds, 0.48 USD",
        "in a row   2 clips, each waits for the one before: street → sea",
        "prices     of 2026-04-29, exact",
    ]
    assert sorted(path.name for path in film.parent.iterdir()) == ["film.sky"]


def test_a_preview_costs_nothing(run, film: Path) -> None:
    ended = run("plan", "film.sky", "--shot", "street")
    assert "Night: preview on the sandbox, a part\n" in ended.out
    assert "\nto make    1 clip, 3 seconds, free (live: 0.24 USD)\n" in ended.out


def test_colours_change_no_word(run, film: Path) -> None:
    import re

    plain, coloured = run("plan", "film.sky"), run("plan", "film.sky", "--color", "always")
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured.out) == plain.out
    assert coloured.out != plain.out


def test_errors_are_told_and_nothing_is_planned(run, film: Path) -> None:
    film.write_text(FILM.replace("3s", "30s"))
    ended = run("plan", "film.sky", "-o", "film.plan")
    assert (ended.code, ended.out) == (1, "")
    assert "error[duration-range]" in ended.err
    assert not Path("film.plan").exists()


def test_a_file_without_shots(run, folder: Path) -> None:
    (folder / "cast.sky").write_text('image @Mika = "https://example.com/mika.jpg"\n')
    ended = run("plan", "cast.sky")
    assert ended.code == 0
    assert ended.out.endswith("asked for  0 clips\nto make    nothing\n")


def test_long_plans_are_shown_in_sums(run, advert: Path) -> None:
    ended = run("plan", "advert.sky")
    lines = [line.split() for line in ended.out.splitlines()]
    assert ["open", "24", "24", "120", "13.20", "USD"] in lines
    assert ["24", "like", "p=cup000,lang=English", "4", "4", "20", "2.20", "USD"] in lines
    assert len(lines) < 20


def test_csv_has_every_clip_and_its_costs_add_up(run, advert: Path) -> None:
    ended = run("plan", "advert.sky", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert len(rows) == ROWS * 2 * 4
    assert sum(Decimal(row["cost"]) for row in rows) == Decimal("52.80")
    assert rows[5] | {"key": ""} == {
        "variant": "p=cup000,lang=日本語", "shot": "turn", "take": "1", "mode": "Omni", "state": "new", "waits_for": "", "seconds": "5",
        "price": "0.55", "cost": "0.55", "exact": "yes", "change": "new", "why": "", "key": "",
    }  # fmt: skip


def test_json_has_every_clip_and_the_sums(run, film: Path) -> None:
    document = json.loads(run("plan", "film.sky", "--format", "json", "--live").out)
    assert [(clip["shot"], clip["state"], clip["waits_for"]) for clip in document["clips"]] == [
        ("street", "new", []),
        ("sea", "needs", ["street"]),
    ]
    assert document["totals"]["to_make"] == {"clips": 2, "seconds": "6", "cost": "0.48", "exact": True}
    assert document["totals"]["longest_chain"] == [
        {"variant": "", "shot": "street", "take": 1},
        {"variant": "", "shot": "sea", "take": 1},
    ]
    assert (document["target"], document["gone"], document["over_budget"]) == ("https://api.apimart.ai", [], [])


def test_json_of_an_empty_plan(run, folder: Path) -> None:
    (folder / "cast.sky").write_text('image @Mika = "https://example.com/mika.jpg"\n')
    assert json.loads(run("plan", "cast.sky", "--format", "json").out)["clips"] == []


# --- a part -----------------------------------------------------------------------------------------------------------


def test_a_sample_is_spread_and_stays_the_same(run, advert: Path) -> None:
    first = run("plan", "advert.sky", "--sample", "6", "--format", "csv").out
    names = list(dict.fromkeys(row["variant"] for row in csv.DictReader(io.StringIO(first))))
    assert len(names) == 6
    assert [sum(lang in name for name in names) for lang in ("English", "日本語")] == [3, 3]
    assert len({name.split(",")[0] for name in names}) == 6
    assert run("plan", "advert.sky", "--sample", "6", "--format", "csv").out == first
    compiled = run("compile", "advert.sky", "--sample", "6").out.splitlines()
    assert list(dict.fromkeys(json.loads(line)["variant"] for line in compiled)) == names


def test_a_limit_leaves_the_rest_for_later(run, advert: Path) -> None:
    ended = run("plan", "advert.sky", "--limit", "10", "--live")
    assert "\nto make    10 clips, 50 seconds, 5.50 USD\nfor later  86 clips, 47.30 USD\n" in ended.out


@pytest.mark.parametrize("option", ["--sample", "--limit"])
@pytest.mark.parametrize("number", ["0", "-3", "many", "1.5"])
def test_numbers_that_make_no_sense(run, film: Path, option: str, number: str) -> None:
    assert run("plan", "film.sky", option, number).code == 2


def test_two_variants_of_one_name_are_refused(run, folder: Path) -> None:
    (folder / "film.sky").write_text(
        'var a = "1" | "1,b=2"\nvar b = "2,b=3" | "3"\nshot street { model = fast\n prompt = "{{ a }} and {{ b }}" }\n'
    )
    for command in ("plan", "run"):
        ended = run(command, "film.sky")
        assert ended.code in (1, 4)
        assert "a=1,b=2,b=3" in ended.err


# --- prices -----------------------------------------------------------------------------------------------------------


def own_prices(text: str = "") -> Path:
    from importlib.resources import files

    table = files("skyflow.contract").joinpath("prices.toml").read_text(encoding="utf-8")
    path = Path("mine.toml")
    path.write_text(text or table.replace("480p = 0.08", "480p = 0.071").replace("2026-04-29", "2026-11-01"))
    return path


def test_prices_of_ones_own(run, film: Path) -> None:
    ended = run("plan", "film.sky", "--live", "--prices", str(own_prices()))
    assert "\nto make    2 clips, 6 seconds, 0.426 USD\n" in ended.out
    assert "\nprices     of 2026-11-01, exact\n" in ended.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read: No such file"),
        ("currency = 3", "cannot be used"),
        ("EUR", "counts in EUR"),
        ("\udcff", "no UTF-8"),
        ("#" * 1_000_001, "larger than 1 MB"),
    ],
)
def test_prices_that_cannot_be_used(run, film: Path, text: str | None, said: str) -> None:
    path = own_prices()
    if text is None:
        path.unlink()
    elif text == "EUR":
        path.write_text(path.read_text().replace('"USD"', '"EUR"'))
    else:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    ended = run("plan", "film.sky", "--prices", "mine.toml")
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_an_unknown_length_is_estimated(run, folder: Path) -> None:
    (folder / "film.sky").write_text(
        'video @dance = "https://example.com/a.mp4"\nshot dance { model = fast\n resolution = 480p\n prompt = "copy @dance" }\n'
    )
    ended = run("plan", "film.sky", "--live")
    assert "about 1.50 USD" in ended.out
    assert "estimated where a length is not known yet" in ended.out


# --- budgets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "options", "said", "fits"),
    [
        ("", ["--budget", "0.30"], "the budget of a run is 0.30 USD", "--limit 1"),
        ('[budget]\nrun = "0.30"', ["--budget", "5"], "the budget of a run is 0.30 USD", "--limit 1"),
        ('[budget]\nday = "0.24"', [], "the budget of a day is 0.24 USD", "--limit 1"),
        ('[budget]\nstoryboard = "0.10"', [], "the budget of this storyboard is 0.10 USD", "not even the first clip"),
        ('[budget]\nvariant = "0.47"', [], "the budget of a variant is 0.47 USD", "--shot street"),
    ],
)
def test_over_budget_nothing_starts(run, film: Path, service, settings, options, said, fits) -> None:
    Path("skyflow.toml").write_text(settings)
    ended = run("run", "film.sky", "--live", "--yes", *options)
    assert (ended.code, ended.out) == (4, "")
    assert said in ended.err
    assert fits in ended.err
    assert service()["tasks"] == 0
    shown = run("plan", "film.sky", "--live")
    assert (shown.code, "over budget" in shown.out) == (0, bool(settings))


def test_what_fits_can_be_run_and_the_next_one_knows(run, film: Path, service) -> None:
    Path("skyflow.toml").write_text('[budget]\nday = "0.30"\n')
    assert run("run", "film.sky", "--live", "--yes", "--limit", "1").code == 0
    ended = run("run", "film.sky", "--live", "--yes")
    assert ended.code == 4
    assert "the budget of a day is 0.30 USD, 0.24 USD are spent already, and this would cost 0.24 USD" in ended.err
    assert service()["billed"] == "0.24"


@pytest.mark.parametrize("written", ["-1", "much", "NaN", "inf"])
def test_a_budget_is_a_sum_of_money(run, film: Path, written: str) -> None:
    assert run("run", "film.sky", "--budget", written).code == 2


# --- saved plans ------------------------------------------------------------------------------------------------------


def test_a_saved_plan_is_run_while_all_is_the_same(run, film: Path, service) -> None:
    assert run("plan", "film.sky", "--live", "-o", "film.plan", "--exit-code").code == 10
    ended = run("run", "--plan", "film.plan", "--live", "--yes")
    assert (ended.code, service()["tasks"]) == (0, 2)
    assert run("plan", "film.sky", "--live", "--exit-code").code == 0
    again = run("run", "--plan", "film.plan", "--live", "--yes")
    assert (again.code, service()["tasks"]) == (0, 2)
    assert "2 there already" in again.out


def test_a_limited_plan_never_makes_more_than_it_said(run, film: Path, service) -> None:
    run("plan", "film.sky", "--live", "--limit", "1", "-o", "film.plan")
    for _ in range(2):
        assert run("run", "--plan", "film.plan", "--live", "--yes").code == 0
        assert service()["tasks"] == 1


def test_a_plan_of_variables_and_parts_says_which(run, folder: Path, service) -> None:
    (folder / "film.sky").write_text(
        'var city\nshot a { model = fast\n prompt = "{{ city }}" }\nshot b { model = fast\n prompt = "b" }\n'
    )
    run("plan", "film.sky", "--var", "city=Tokyo", "--var", "city=大阪", "--shot", "a", "--live", "-o", "film.plan")
    ended = run("run", "--plan", "film.plan", "-o", "clips", "--live", "--yes")
    assert ended.code == 0, ended.err
    made = sorted(path.relative_to(folder / "clips/live").as_posix() for path in folder.rglob("clips/live/**/*.mp4"))
    assert made == ["film/city=Tokyo/a.mp4", "film/city=大阪/a.mp4"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda: Path("advert.sky").write_text(ADVERT.replace("slowly", "quickly")),
            "the storyboard advert.sky changed",
        ),
        (lambda: write_products(Path(), {7: "Another text."}), "the table products.csv changed"),
        (lambda: paint(Path("pictures/3.png"), 200), "the file pictures/3.png changed"),
        (lambda: Path("pictures/3.png").unlink(), "the file pictures/3.png is gone"),
        (lambda: Path("skyflow.toml").write_text(f'[project]\nprices = "{own_prices()}"\n'), "the prices changed"),
    ],
)
def test_a_plan_is_refused_where_anything_changed(run, advert: Path, change: Callable[[], object], said: str) -> None:
    assert run("plan", "advert.sky", "-o", "advert.plan").code == 0
    change()
    ended = run("run", "--plan", "advert.plan")
    assert (ended.code, ended.out) == (4, "")
    assert f"\n  {said}" in ended.err
    assert "nothing was started" in ended.err
    assert not Path(".skyflow/ledger.db").exists()


@pytest.mark.parametrize(
    "choice",
    [
        ["--shot", "sea"],
        ["--live", "--limit", "1", "--again"],
        ["--var", "time=at dawn", "--var", "time=at night", "--variant", "*dawn", "--sample", "1"],
    ],
)
def test_a_plan_that_does_not_hold_tells_how_to_make_it_anew(run, folder: Path, choice: list[str]) -> None:
    (folder / "film.sky").write_text(
        FILM.replace("A street at night.", "A street {{ time }}.") + 'var time = "at night"\n'
    )
    assert run("plan", "film.sky", *choice, "-o", "a b.plan").code == 0
    (folder / "film.sky").write_text((folder / "film.sky").read_text().replace("The sea.", "A lake."))
    ended = run("run", "--plan", "a b.plan", *(["--live", "--yes"] if "--live" in choice else []))
    assert ended.code == 4
    command = ended.err.partition("Make a new one: ")[2].strip()
    assert shlex.split(command)[:3] == ["skyflow", "plan", "film.sky"]
    assert run(*shlex.split(command)[1:]).code == 0
    assert sorted(shlex.split(command)[3:]) == sorted([*choice, "-o", "a b.plan"])


def test_a_plan_for_the_api_is_not_run_on_the_sandbox(run, film: Path, service) -> None:
    run("plan", "film.sky", "--live", "-o", "film.plan")
    ended = run("run", "--plan", "film.plan")
    assert ended.code == 4
    assert "not for sandbox" in ended.err
    run("plan", "film.sky", "-o", "film.plan")
    assert run("run", "--plan", "film.plan", "--live", "--yes").code == 4
    assert service()["tasks"] == 0


def test_paid_clips_whose_books_were_left_behind_are_not_paid_again(run, film: Path, service) -> None:
    import shutil

    run("run", "film.sky", "--live", "--yes")
    assert service()["tasks"] == 2
    shutil.rmtree(".skyflow")
    ended = run("plan", "film.sky", "--live")
    assert ended.err.startswith(
        "2 paid clips in out are not in the books of this project (was `.skyflow` left behind?)"
    )
    assert not Path(".skyflow").exists()  # a plan changes nothing
    ended = run("run", "film.sky", "--live", "--yes")
    assert ended.code == 0
    assert "they are taken back and not paid again" in ended.err
    assert "2 there already" in ended.out
    assert service()["tasks"] == 2
    assert "spent 0.48 USD" in run("status").out


def test_what_was_there_and_is_not_any_more_is_said(run, film: Path, service) -> None:
    import shutil

    run("run", "film.sky", "--live", "--yes", "--shot", "street")
    run("plan", "film.sky", "--live", "-o", "film.plan")
    shutil.rmtree(".skyflow")
    shutil.rmtree("out")
    ended = run("run", "--plan", "film.plan", "--live", "--yes")
    assert ended.code == 4
    assert "street would be made, which the plan `film.plan` does not say" in ended.err


@pytest.mark.parametrize(
    "options", [["--shot", "a"], ["--var", "a=b"], ["--sample", "2"], ["--limit", "2"], ["--again"]]
)
def test_nothing_is_chosen_beside_a_plan(run, film: Path, options: list[str]) -> None:
    run("plan", "film.sky", "-o", "film.plan")
    ended = run("run", "--plan", "film.plan", *options)
    assert ended.code == 2
    assert options[0] in ended.err


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "No such file"), (b"hello", "not JSON"), (b"\xff", "UTF-8"), (b'{"skyflow_plan": 9}', "format 9")],
)
def test_what_is_no_plan(run, film: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        Path("film.plan").write_bytes(content)
    ended = run("run", "--plan", "film.plan")
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_a_plan_finds_its_storyboard(run, film: Path, service) -> None:
    Path("skyflow.toml").write_text("")
    Path("plans").mkdir()
    run("plan", "film.sky", "-o", "plans/film.plan", "--shot", "street", "--live")
    assert run("run", "--plan", "plans/film.plan", "--live", "--yes").code == 0
    assert run("run", "film.sky", "--plan", "plans/film.plan", "--live", "--yes").code == 0
    film.rename("other.sky")
    ended = run("run", "--plan", "plans/film.plan")
    assert ended.code == 2
    assert "which is not in this project" in ended.err
    assert run("run", "other.sky", "--plan", "plans/film.plan").code == 4


def test_a_plan_without_what_a_clip_needs(run, film: Path) -> None:
    run("plan", "film.sky", "-o", "film.plan")
    document = json.loads(Path("film.plan").read_text())
    document["clips"] = document["clips"][1:]
    Path("film.plan").write_text(json.dumps(document))
    ended = run("run", "--plan", "film.plan")
    assert (ended.code, ended.out) == (4, "")
    assert "a clip without one that it needs" in ended.err


@pytest.mark.parametrize("name", ["advert.sky", "products.csv", "pictures/3.png"])
def test_what_a_plan_is_made_from_is_never_overwritten(run, advert: Path, name: str) -> None:
    before = Path(name).read_bytes()
    assert run("plan", "advert.sky", "-o", name).code == 2
    assert Path(name).read_bytes() == before


def test_run_wants_a_storyboard_or_a_plan(run, folder: Path) -> None:
    assert run("run").code == 2


# --- the whole way ----------------------------------------------------------------------------------------------------


def test_a_campaign_is_planned_changed_and_run_in_part(run, advert: Path, service) -> None:
    """Planned, saved, made; one picture, one prompt and one row changed: the plan names the three, their clips and their cost."""
    run("plan", "advert.sky", "--live", "-o", "advert.plan")
    assert run("run", "--plan", "advert.plan", "--live", "--yes", "--concurrency", "40").code == 0
    assert Decimal(service()["billed"]) == Decimal("52.80")
    assert "since the last run nothing changed" in run("plan", "advert.sky", "--live").out

    paint(advert.parent / "pictures" / "3.png", 250)
    advert.write_text(ADVERT.replace("wooden table", "marble table"))
    write_products(advert.parent, {7: "A new cup, cold coffee."})
    found = json.loads(run("plan", "advert.sky", "--live", "--format", "json").out)
    # The prompt of one shot in all 24 variants; one picture in 4 shots of 2; one row's copy in 3 shots of 2; open is in all three.
    assert found["totals"]["to_make"] == {"clips": 24 + 6 + 4, "seconds": "170", "cost": "18.70", "exact": True}
    assert {name: change["clips"] for name, change in found["changes"].items()} == {"changed": 34, "unchanged": 62}
    why = {(clip["variant"], clip["shot"]): clip["why"] for clip in found["clips"] if clip["why"]}
    assert len(why) == 34
    [picture] = why["p=cup003,lang=English", "end"]
    assert (picture["kind"], picture["what"]) == ("asset", "@product")
    assert picture["new"].endswith(" of pictures/3.png")
    assert why["p=cup000,lang=日本語", "open"] == [
        {
            "kind": "prompt",
            "what": "prompt",
            "old": "…@product on a wooden table. A voice…",
            "new": "…@product on a marble table. A voice…",
        }
    ]
    assert "A new cup" in why["p=cup007,lang=English", "end"][0]["new"]
    assert ("p=cup007,lang=English", "hold") not in why

    stale = run("run", "--plan", "advert.plan", "--live", "--yes")
    assert stale.code == 4
    assert {line.strip() for line in stale.err.splitlines()} >= {
        "the storyboard advert.sky changed", "the table products.csv changed", "the file pictures/3.png changed",
    }  # fmt: skip
    assert run("run", "advert.sky", "--live", "--yes", "--sample", "4", "--concurrency", "40").code == 0
    assert service()["tasks"] == 96 + len([name for name in why if name[0] in sampled(run)])
    text = run("plan", "advert.sky", "--live").out
    assert "changed" in text
    assert "unchanged" in text


def sampled(run) -> set[str]:
    return {json.loads(line)["variant"] for line in run("compile", "advert.sky", "--sample", "4").out.splitlines()}


def test_renaming_and_moving_cost_nothing(run, advert: Path, service) -> None:
    run("run", "advert.sky", "--live", "--yes", "--sample", "2", "--concurrency", "40")
    tasks = service()["tasks"]
    shots = ADVERT.index("shot open")
    lines = ADVERT[shots:].replace("shot hold", "shot show").splitlines()
    (advert.parent / "pictures").rename(advert.parent / "photos")
    table = advert.parent / "products.csv"
    head, *rows = table.read_text(encoding="utf-8").replace("pictures/", "photos/").splitlines()
    table.write_text("\n".join([head, *reversed(rows)]), encoding="utf-8")
    advert.write_text(ADVERT[:shots] + "\n".join(reversed(lines)) + "\n")
    ended = run("plan", "advert.sky", "--live", "--sample", "2")
    assert "\nto make    nothing\n" in ended.out
    assert run("run", "advert.sky", "--live", "--yes", "--sample", "2").code == 0
    assert service()["tasks"] == tasks


# --- the library ------------------------------------------------------------------------------------------------------


def test_the_library_plans_too(advert: Path) -> None:
    plan = skyflow.plan(advert, sample=3, limit=5)
    assert (plan.total.clips, plan.cost, plan.later.clips) == (5, Decimal("2.75"), 7)
    with pytest.raises(skyflow.StoryboardError):
        skyflow.plan(advert, variables={"nobody": "x"})
    dear = skyflow.plan(advert, shots=["end"], variants=["p=cup001,*"], prices=own_prices(), live=True)
    assert (dear.total.clips, dear.cost, dear.prices_of) == (2, Decimal("1.10"), "2026-11-01")
