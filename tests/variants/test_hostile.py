"""Hostile storyboards end with a message: no hang, no flood of memory. Each runs in a process of its own whose memory is bounded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

MEGABYTES_ABOVE_BASELINE = 200
GENEROUS_SECONDS = 60  # a second is what is wanted; machines that test may be slow

CHECK = """
import json, resource, sys
from pathlib import Path
from skyflow.assets import DiskFiles
from skyflow.pipeline import open_storyboard
import jinja2.sandbox

with open("/proc/self/statm") as statm:
    baseline = int(statm.read().split()[0]) * resource.getpagesize()
limit = baseline + int(sys.argv[2]) * 1_000_000
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
storyboarding = open_storyboard("film.sky", DiskFiles(Path(sys.argv[1])))
found = storyboarding.check()
if not any(diagnostic.severity == "error" for diagnostic in found):
    list(storyboarding.clips())
print(json.dumps([diagnostic.rule.id for diagnostic in found]))
"""

EXPRESSIONS = {
    "repeat": "{{ 'a' * 10 ** 9 }}",
    "repeat-in-turn": "{{ (((('a' * 40000) ~ 'b') * 40000) ~ 'c') * 40000 }}",
    "power": "{{ 9 ** 9 ** 9 ** 9 }}",
    "power-of-float": "{{ 1e300 ** 1e300 }}",
    "width": "{{ '%1000000000d' % 1 }}",
    "width-from-value": "{{ '%*d' % [1000000000, 1] }}",
    "places": "{{ ('%s' * 20000) % ([('a' * 49000)] * 20000) }}",
    "nested-lists-compared": "{{ [[1] * 50000] * 50000 == [[1] * 50000] * 50000 }}",
    "nested-lists-in-turn": "{{ [[[[[1] * 99] * 99] * 99] * 99] * 99 }}",
    "list": "{{ [1] * 10 ** 9 }}",
    "join": "{{ (('a' * 49999) | list) | join('a' * 49999) }}",
    "replace": "{{ ('a' * 49999) | replace('', 'b' * 49999) }}",
    "concat": "{{ " + " ~ ".join(["'a' * 49999"] * 100) + " }}",
    "parentheses": "{{ " + "(" * 900 + "1" + ")" * 900 + " }}",
    "brackets": "{{ " + "[" * 900 + "]" * 900 + " }}",
    "minus": "{{ " + "-" * 1900 + "1 }}",
    "sum": "{{ " + "+".join("1" * 900) + " }}",
    "digits": "{{ " + "9" * 1990 + " ** 9 }}",
    "attribute": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "format": "{{ '{0.__class__}'.format(1) }}",
    "range": "{{ range(10 ** 9) | list }}",
    "sort": "{{ (('a' * 49999) | list + ['b']) | sort | join }}",
    "long": "{{ " + "x" * 1_000_000 + " }}",
    "many-expressions": "{{ 'a' * 40000 }}" * 1000,
}


def check(folder: Path) -> list[str]:
    command = [sys.executable, "-c", CHECK, str(folder), str(MEGABYTES_ABOVE_BASELINE)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=GENEROUS_SECONDS, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[str] = json.loads(done.stdout)
    return found


needs_proc = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is bounded by way of /proc")


@needs_proc
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expression(name: str, tmp_path: Path) -> None:
    text = f'defaults {{ model = fast }}\nshot a {{ prompt = "Rain {EXPRESSIONS[name]}" }}\n'
    (tmp_path / "film.sky").write_text(text, encoding="utf-8")
    found = check(tmp_path)
    assert found
    assert set(found) <= {"template-limit", "template-error", "prompt-too-long", "name-unknown"}


STORYBOARDS = {
    # variables that double each other
    "doubling-texts": (
        "".join(f'var v{n + 1} = "{{{{ v{n} }}}}{{{{ v{n} }}}}"\n' for n in range(60)),
        "template-limit",
    ),
    "doubling-lists": ("".join(f"var v{n + 1} = {{{{ [v{n}, v{n}] }}}}\n" for n in range(60)), "template-limit"),
    "doubling-list-values": (
        "".join(f"var v{n + 1} = [{{{{ v{n} }}}}, {{{{ v{n} }}}}]\n" for n in range(60)),
        "template-limit",
    ),
    "lists-to-compare": (
        "var v1 = {{ [v0] * 40000 }}\nvar v2 = {{ [v0] * 40000 }}\n"
        + f"var v3 = {{{{ [{', '.join(['v1'] * 400)}] == [{', '.join(['v2'] * 400)}] }}}}\n",
        "",
    ),
    # loops in loops
    "loops": (
        "".join(f"scene s{n} for x{n} in {{{{ [1] * 1000 }}}} {{\n" for n in range(6))
        + 'shot deep { prompt = "{{ x0 }}" }\n'
        + "}\n" * 6,
        "template-limit",
    ),
    "shots": ('shot many for x in {{ [1] * 40000 }} { prompt = "{{ x }} {{ shot.name }}" }\n', "template-limit"),
    "takes": ('shot many for x in {{ [1] * 1000 }} { takes = 100\n prompt = "{{ x }} {{ shot.name }}" }\n', ""),
    # deep and wide files
    "deep-scenes": ("scene s {\n" * 5000 + 'shot a { prompt = "a" }\n' + "}\n" * 5000, ""),
    "deep-lists": ("var x = " + "[" * 5000 + "1" + "]" * 5000 + "\n", ""),
    "many-tags": ("".join(f'image @t{n} = "https://example.com/{n}.png"\n' for n in range(5000)), ""),
    "many-ats": ('shot a { prompt = "' + "@" * 50_001 + '" }\n', ""),
    "many-mentions": ('shot a { prompt = "' + "@x " * 10_000 + '" }\n', "tag-unknown"),
    "huge-number": ("var x = " + "9" * 100_000 + "\n", ""),
    "huge-quantity": ("shot a { duration = " + "9" * 100_000 + 's\n prompt = "a" }\n', ""),
    "huge-ratio": ("shot a { aspect_ratio = " + "9" * 100_000 + ':1\n prompt = "a" }\n', "aspect-ratio-unknown"),
    "huge-element": ("shot a { first_frame = last_frame(b." + "9" * 100_000 + ')\n prompt = "a" }\n', "name-unknown"),
    "long-names": ("shot " + "a" * 1_000_000 + ' { prompt = "a" }\n', ""),
    "near-names": (
        "".join(f'shot a{n} {{ first_frame = last_frame(b{n})\n prompt = "a" }}\n' for n in range(2_000)),
        "name-unknown",
    ),
}


@needs_proc
@pytest.mark.parametrize("name", STORYBOARDS)
def test_storyboard(name: str, tmp_path: Path) -> None:
    text, said = STORYBOARDS[name]
    shot = 'shot end { prompt = "Rain." }\n'
    (tmp_path / "film.sky").write_text(f'defaults {{ model = fast }}\nvar v0 = "a"\n{text}{shot}', encoding="utf-8")
    assert not said or said in check(tmp_path)
