"""The script of `compile --format curl`, run by a real bash with a real curl against a server that answers like the API."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from PIL import Image

KEY = "sk-Very/Secret=0815"
NASTY_NAME = 'it\'s; $(touch hacked) `x` "q" ,a=b 小梅.png'
NASTY_PROMPT = '@hero says "it\'s" $(touch hacked) `touch hacked` \\\\ \\n 小梅 ${SKYFLOW_API_KEY} !! %s'
TOOLS = [shutil.which(name) for name in ("bash", "curl")]
needs_tools = pytest.mark.skipif(None in TOOLS, reason="bash or curl is not installed")


class Api(ThreadingHTTPServer):
    """Remembers what it was asked, and answers each kind of call by `answers` (status, body)."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls: list[tuple[str, dict[str, str], bytes]] = []
        self.answers = {
            "/v1/uploads/images": (200, '{"url": "https:\\/\\/files.example\\/%d.png?a=1\\u0026b=2", "bytes": 3}'),
            "/v1/videos/generations": (200, '{\n "code":200,"data":[{"status":"submitted","task_id":"task_%d"}]}'),
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Api

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append((self.path, dict(self.headers), body))
        status, answer = self.server.answers[self.path]
        content = answer.replace("%d", str(len(self.server.calls))).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def actor(film: Path) -> Path:
    """A storyboard whose picture has a name that no shell likes."""
    Image.new("RGB", (320, 320), "red").save(film.parent / NASTY_NAME)
    name = NASTY_NAME.replace('"', '\\"')
    prompt = NASTY_PROMPT.replace("\\", "\\\\").replace('"', '\\"')
    film.write_text(
        f'image @hero = "{name}"\ndefaults {{ model = fast }}\n'
        f'shot a {{ prompt = "{prompt}" }}\nshot b {{ prompt = "Plain." }}\nshot again {{ prompt = "Plain." }}\n',
        encoding="utf-8",
    )
    return film


def send(script: Path, api: Api, tmp_path: Path, key: str = KEY) -> subprocess.CompletedProcess[str]:
    """Run the script, with a curl in front of the real one that notes the words it was called with."""
    tools = tmp_path / "tools"
    tools.mkdir(exist_ok=True)
    spy = tools / "curl"
    spy.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> {tmp_path}/words\nexec {TOOLS[1]} "$@"\n')
    spy.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tools}:{os.environ['PATH']}",
        "SKYFLOW_API_KEY": key,
        "SKYFLOW_BASE_URL": f"{api.url}/v1/",
        "no_proxy": "127.0.0.1",
    }
    return subprocess.run(
        [str(script)], env=environment, capture_output=True, encoding="utf-8", timeout=60, check=False
    )


@needs_tools
def test_uploads_then_submits_and_prints_task_ids(run, actor: Path, api: Api, tmp_path: Path) -> None:
    assert run("compile", "film.sky", "--format", "curl", "-o", "send.sh").code == 0
    ended = send(actor.parent / "send.sh", api, tmp_path)
    assert (ended.returncode, ended.stdout) == (0, "task_2\ta take 1\ntask_3\tb take 1\n")
    assert [path for path, _, _ in api.calls] == [
        "/v1/uploads/images",
        "/v1/videos/generations",
        "/v1/videos/generations",
    ]
    assert all(headers["Authorization"] == f"Bearer {KEY}" for _, headers, _ in api.calls)
    assert (actor.parent / NASTY_NAME).read_bytes() in api.calls[0][2]
    assert b"Content-Type: image/png" in api.calls[0][2]
    clips = [json.loads(line) for line in run("compile", "film.sky").out.splitlines()]
    first, second = (json.loads(body) for _, _, body in api.calls[1:])
    assert first == {
        "model": "skyreels-v4-fast",
        "prompt": NASTY_PROMPT,
        "ref_images": [{"tag": "@hero", "type": "image", "image_urls": ["https://files.example/1.png?a=1&b=2"]}],
    }
    assert second == clips[1]["request"]
    assert [headers["Idempotency-Key"] for _, headers, _ in api.calls[1:]] == [clips[0]["key"], clips[1]["key"]]
    assert not (actor.parent / "hacked").exists()


@needs_tools
def test_the_key_stands_nowhere_but_in_the_header(run, actor: Path, api: Api, tmp_path: Path) -> None:
    run("compile", "film.sky", "--format", "curl", "-o", "send.sh")
    ended = send(actor.parent / "send.sh", api, tmp_path)
    words = (tmp_path / "words").read_text()
    assert api.url in words
    for text in (words, ended.stdout, ended.stderr, (actor.parent / "send.sh").read_text()):
        assert KEY not in text


@needs_tools
@pytest.mark.parametrize(
    ("path", "status", "answer", "said"),
    [
        ("/v1/uploads/images", 413, '{"error":{"message":"too large"}}', "the API answered 413"),
        ("/v1/uploads/images", 200, '{"url": ""}', "the answer has no url"),
        ("/v1/uploads/images", 200, "", "the answer has no url"),
        ("/v1/videos/generations", 402, '{"error":{"message":"no balance"}}', "no balance"),
        ("/v1/videos/generations", 500, "", "the API answered 500"),
        ("/v1/videos/generations", 302, "", "the API answered 302"),
        ("/v1/videos/generations", 200, '{"data": []}', "the answer has no task_id"),
    ],
)
def test_the_first_failure_ends_it(
    run, actor: Path, api: Api, tmp_path: Path, path: str, status: int, answer: str, said: str
) -> None:
    run("compile", "film.sky", "--format", "curl", "-o", "send.sh")
    api.answers[path] = (status, answer)
    ended = send(actor.parent / "send.sh", api, tmp_path)
    assert ended.returncode == 3
    assert said in ended.stderr
    assert [called for called, _, _ in api.calls][-1] == path
    assert len(api.calls) == (1 if "uploads" in path else 2)


@needs_tools
def test_a_server_that_is_not_there_is_told(run, actor: Path, api: Api, tmp_path: Path) -> None:
    run("compile", "film.sky", "--format", "curl", "-o", "send.sh")
    api.server_close()
    ended = send(actor.parent / "send.sh", api, tmp_path)
    assert ended.returncode == 3
    assert f"no answer from {api.url}" in ended.stderr


@needs_tools
@pytest.mark.parametrize("key", ["", "two words", 'quo"te', "back\\slash", "new\nline"])
def test_what_is_no_key_sends_nothing(run, actor: Path, api: Api, tmp_path: Path, key: str) -> None:
    run("compile", "film.sky", "--format", "curl", "-o", "send.sh")
    ended = send(actor.parent / "send.sh", api, tmp_path, key)
    assert ended.returncode != 0
    assert "SKYFLOW_API_KEY" in ended.stderr
    assert api.calls == []


def test_shots_that_need_shots_are_refused(run, film: Path) -> None:
    ended = run("compile", "film.sky", "--format", "curl", "-o", "send.sh")
    assert (ended.code, ended.out) == (4, "")
    assert "cannot make shots that need another shot's clip: sea; " in ended.err
    assert not Path("send.sh").exists()
    assert run("compile", "film.sky", "--format", "curl", "--shot", "street").code == 0


@pytest.mark.parametrize(("name", "said"), [("a.webp", "is webp, which must be converted"), ("a.bmp", "is bmp, which")])
def test_pictures_that_the_upload_does_not_take_are_refused(run, film: Path, name: str, said: str) -> None:
    Image.new("RGB", (320, 180)).save(film.parent / name)
    film.write_text(f'shot a {{ model = fast\n first_frame = "{name}"\n prompt = "The sea." }}\n')
    ended = run("compile", "film.sky", "--format", "curl")
    assert (ended.code, ended.out) == (4, "")
    assert said in ended.err


@needs_tools
def test_the_sandbox_takes_what_it_sends(run, folder: Path, serving) -> None:
    run("new", "made")
    assert run("compile", "made/film.sky", "--shot", "harbour", "--format", "curl", "-o", "send.sh").code == 0
    with serving("--render", "none", SKYFLOW_API_KEY=KEY) as (_, printed):
        url = re.search(r"http://\S+", printed)[0]
        environment = {**os.environ, "SKYFLOW_API_KEY": KEY, "SKYFLOW_BASE_URL": url, "no_proxy": "127.0.0.1"}
        ended = subprocess.run(["./send.sh"], env=environment, capture_output=True, encoding="utf-8", check=False)
        assert (ended.returncode, ended.stderr) == (0, f"to follow one: GET {url}/v1/tasks/TASK_ID\n")
        lines = [line.split("\t") for line in ended.stdout.splitlines()]
        assert [label for _, label in lines] == [
            "harbour.arrival take 1",
            "harbour.alone take 1",
            "harbour.alone take 2",
        ]
        for task, _ in lines:
            answer = httpx.get(f"{url}/v1/tasks/{task}", headers={"Authorization": f"Bearer {KEY}"}, trust_env=False)
            assert answer.json()["data"]["id"] == task
