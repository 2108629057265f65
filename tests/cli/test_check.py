"""`skyflow check`: files, formats, exit codes and what stands at the end."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
WRONG = """\
defaults { model = fast }

shot street {
  duration = 20s
  prompt = "A street."
}
"""


def test_a_storyboard_without_mistakes(run, film: Path) -> None:
    ended = run("check", "film.sky")
    assert (ended.code, ended.out, ended.err) == (0, "film.sky: no mistakes found\n", "")


def test_mistakes_are_shown_and_counted(run, film: Path) -> None:
    film.write_text(WRONG)
    ended = run("check", "film.sky")
    assert (ended.code, ended.err) == (1, "")
    assert "error[duration-range]: " in ended.out
    assert " --> film.sky:4:14\n" in ended.out
    assert ended.out.endswith("\nfilm.sky: 1 error\n")


def test_a_warning_alone_is_fine(run, film: Path) -> None:
    film.write_text('var unused = 1\nshot a { model = fast\n prompt = "A street." }\n')
    ended = run("check", "film.sky")
    assert ended.code == 0
    assert ended.out.endswith("\nfilm.sky: 1 warning\n")


def test_several_files_of_all_kinds(run, film: Path) -> None:
    (film.parent / "wrong.sky").write_text(WRONG)
    request = {"model": "skyreels-v4-fast", "prompt": "A street."}
    (film.parent / "one.json").write_text(json.dumps(request))
    (film.parent / "many.jsonl").write_text(f"{json.dumps(request)}\n{json.dumps(request | {'duration': 2})}\n")
    ended = run("check", "film.sky", "wrong.sky", "one.json", "many.jsonl", "--format", "json")
    found = json.loads(ended.out)
    assert ended.code == 1
    assert [
        (entry["id"], entry["file"], entry["start"]["line"], entry["pointer"]) for entry in found["diagnostics"]
    ] == [
        ("duration-range", "wrong.sky", 4, "/duration"),
        ("duration-range", "many.jsonl", 2, "/duration"),
    ]
    assert found["summary"] == {"errors": 2, "warnings": 0}
    assert run("check", "film.sky", "wrong.sky", "many.jsonl").out.endswith("\n2 of 3 files: 2 errors\n")
    assert run("check", "film.sky", "one.json").out == "2 files: no mistakes found\n"


def test_a_mistake_in_a_file_that_two_use_is_told_once(run, folder: Path) -> None:
    (folder / "cast.sky").write_text("var a = {{ nothing }}\n")
    for name in ("one.sky", "two.sky"):
        (folder / name).write_text('use "cast.sky"\nshot s { model = fast\n prompt = "{{ a }}" }\n')
    both = json.loads(run("check", "one.sky", "two.sky", "--format", "json").out)["diagnostics"]
    alone = json.loads(run("check", "one.sky", "--format", "json").out)["diagnostics"]
    assert alone
    assert [entry for entry in both if entry["file"] == "cast.sky"] == alone


@pytest.mark.parametrize("written", ["deep/film.sky", "./deep/../deep/film.sky", "{folder}/deep/film.sky"])
def test_paths_are_shown_as_they_were_written(run, folder: Path, written: str) -> None:
    (folder / "skyflow.toml").touch()
    (folder / "deep").mkdir()
    (folder / "deep" / "film.sky").write_text(f'use "cast.sky"\n{WRONG}'.replace("A street", "@Mika"))
    (folder / "deep" / "cast.sky").write_text('image @Mika = "mika.jpg"\n')
    written = written.format(folder=folder)
    found = json.loads(run("check", written, "--format", "json").out)["diagnostics"]
    cast = str(folder / "deep" / "cast.sky") if Path(written).is_absolute() else "deep/cast.sky"
    assert {entry["file"] for entry in found} == {written, cast}


def test_variables_come_from_outside(run, film: Path) -> None:
    film.write_text('var city\nshot a { model = fast\n prompt = "{{ city }}" }\n')
    assert run("check", "film.sky").code == 1
    assert run("check", "film.sky", "--var", "city=Tokyo", "--var", "city=a=b").code == 0


def test_what_only_the_live_api_demands(run, film: Path) -> None:
    with wave.open(str(film.parent / "mika.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16_000))
    film.write_text(
        'image @Mika = "https://example.com/mika.jpg"\nvoice @Mika = "mika.wav"\n'
        'shot a { model = fast\n prompt = "@Mika speaks." }\n'
    )
    assert run("check", "film.sky").code == 0
    ids = {
        entry["id"] for entry in json.loads(run("check", "film.sky", "--live", "--format", "json").out)["diagnostics"]
    }
    assert "upload-impossible" in ids


def test_the_projects_own_limit_of_variants(run, film: Path) -> None:
    film.write_text('var a = "1" | "2" | "3"\nshot s { model = fast\n prompt = "{{ a }}" }\n')
    assert run("check", "film.sky").code == 0
    (film.parent / "skyflow.toml").write_text("[project]\nvariants-limit = 2\n")
    assert "error[variants-too-many]" in run("check", "film.sky").out


@pytest.mark.parametrize(
    ("form", "start"), [("sarif", '{\n  "version": "2.1.0"'), ("github", "::error file=film.sky,line=4,")]
)
def test_the_other_forms(run, film: Path, form: str, start: str) -> None:
    film.write_text(WRONG)
    ended = run("check", "film.sky", "--format", form)
    assert ended.code == 1
    assert ended.out.startswith(start)


def test_color_only_where_wanted(run, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film.write_text(WRONG)
    assert "\x1b[" not in run("check", "film.sky").out
    assert "\x1b[1;31merror" in run("check", "film.sky", "--color", "always").out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert "\x1b[" not in run("check", "film.sky", "--color", "never").out


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("binary.sky", b"\x89PNG\r\n\x1a\n\0\0", "is not UTF-8 text"),
        ("binary.json", b"\xff\xfe{\0", "is not UTF-8 text"),
        ("huge.sky", b"#" * 5_000_000, "is too large (5.0 MB; at most 4 MB are read)"),
        ("empty.sky", b"", "no shot"),
        ("empty.json", b"", "error["),
    ],
)
def test_odd_files_end_in_a_message(run, folder: Path, name: str, content: bytes, said: str) -> None:
    (folder / name).write_bytes(content)
    ended = run("check", name)
    assert (ended.code, ended.err) == (1, "")
    assert said in ended.out


def test_an_idle_allowance_of_the_project_is_told_once_all_storyboards_are_checked(run, film: Path) -> None:
    (film.parent / "skyflow.toml").write_text('[allow]\nrules = ["name-unused", "shot-repeated"]\n')
    (film.parent / "other.sky").write_text('var idle = 1\nshot a { model = fast\n prompt = "A street." }\n')
    assert run("check", "film.sky").out == "film.sky: no mistakes found\n"
    ended = run("check", "film.sky", "other.sky")
    assert ended.code == 0
    assert ended.out.count("warning[allow-unused]: `shot-repeated` is allowed here") == 1
    assert " --> skyflow.toml:2:25\n" in ended.out


def test_what_would_stop_only_a_paid_run_is_counted(run, folder: Path) -> None:
    (folder / "v.mp3").write_bytes((EXAMPLES / "rainy-teahouse/voices/laochen-welcomes.mp3").read_bytes())
    (folder / "her film.sky").write_text(
        'defaults { model = fast }\nimage @M = "https://example.com/m.jpg"\nvoice @M = "v.mp3"\n'
        'var n = 1 | 2 | 3\nshot a { prompt = "@M sings {{ n }}." }\nshot b { prompt = "@M waits {{ n }} hours." }\n',
        encoding="utf-8",
    )
    ended = run("check", "her film.sky")
    assert (ended.code, ended.out) == (
        0,
        "her film.sky: no mistakes found\nfor --live 1 more error: skyflow check --live 'her film.sky'\n",
    )
    live = run("check", "--live", "her film.sky")
    assert (live.code, live.out.count("error[upload-impossible]")) == (1, 1)
    assert "for --live" not in live.out
    assert "for --live" not in run("check", "--format", "json", "her film.sky").out


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("latin-1", "the byte at offset 48 in line 2 is 0xe9, é in Latin-1"), ("utf-16", "it is UTF-16")],
)
def test_a_storyboard_of_another_encoding_is_told_once(run, folder: Path, encoding: str, found: str) -> None:
    text = 'defaults { model = fast }\nshot a { prompt = "Café." }\n'
    (folder / "cafe.sky").write_bytes(text.encode(encoding))
    ended = run("check", "cafe.sky")
    help = "save it as UTF-8: editors ask for the encoding at “Save as…”, Word where it saves plain text"
    assert ended.code == 1
    assert ended.out == (
        f"error[file-type]: cafe.sky is not UTF-8 text ({found})\n --> cafe.sky\n  = help: {help}\n\ncafe.sky: 1 error\n"
    )
    ended = run("fmt", "cafe.sky")
    assert ended.err == f"skyflow: cafe.sky is not UTF-8 text ({found}); {help}\n"
