"""Compiling imported text in memory, and comparing bodies as the API would."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skyflow.diagnostics import Diagnostic
from skyflow.pipeline import open_storyboard
from skyflow.source import FileProblem, FilesError, MediaFacts, SourceFile

Request = dict[str, Any]


class OneFile:
    """A project that holds nothing but one storyboard."""

    def __init__(self, text: str) -> None:
        self._source = SourceFile("film.sky", text)

    def resolve(self, base: str, reference: str) -> str:
        return reference

    def read(self, path: str) -> SourceFile:
        if path != self._source.path:
            raise FilesError(FileProblem.MISSING, path)
        return self._source

    def media(self, path: str) -> MediaFacts:
        raise FilesError(FileProblem.MISSING, path)


@pytest.fixture(scope="session")
def check_text() -> Callable[[str], tuple[Diagnostic, ...]]:
    return lambda text: open_storyboard("film.sky", OneFile(text)).check()


@pytest.fixture(scope="session")
def compile_text() -> Callable[[str], list[Request]]:
    """The bodies that a storyboard compiles to, in its order; it must have no error."""

    def compile_(text: str) -> list[Request]:
        storyboard = open_storyboard("film.sky", OneFile(text))
        errors = [f"{found.rule.id}: {found.message}" for found in storyboard.check() if found.severity == "error"]
        assert errors == [], text
        return [dict(clip.request) for clip in storyboard.clips()]

    return compile_


@pytest.fixture(scope="session")
def normal() -> Callable[[Request], Request]:
    """A body as the API sees it: null and empty lists are not given, and the order of references means nothing."""

    def element(value: Request) -> Request:
        return {name: part for name, part in value.items() if part is not None}

    def body(request: Request) -> Request:
        kept = {name: value for name, value in request.items() if value is not None and value != []}
        for name in ("mid_frame_images", "ref_images", "ref_videos"):
            if name in kept:
                kept[name] = sorted(map(element, kept[name]), key=lambda found: json.dumps(found, sort_keys=True))
        return kept

    return body


@pytest.fixture(scope="session")
def accepted() -> dict[str, Request]:
    """Every request of the conformance files that the API accepts, by its id."""
    folder = Path(__file__).parents[1] / "contract" / "conformance"
    cases = [json.loads(line) for line in (folder / "requests.jsonl").read_text(encoding="utf-8").splitlines() if line]
    found = {case["id"]: case["request"] for case in cases if not case["errors"]}
    page = json.loads((folder / "page-examples.json").read_text(encoding="utf-8"))
    return {**found, **{f"page-{case['case']}": case["request"] for case in page}}
