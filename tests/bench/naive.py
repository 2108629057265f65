"""The baseline, written as a reader would write it: for each request a sandboxed Jinja2 render, model_validate, model_dump_json.

With `--keys` it prints the whole compiled form, as `skyflow compile` does: the request with its key and what it is called.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from pathlib import Path
from typing import Literal

from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field


class RefImage(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    tag: str = Field(pattern=r"^@[\w-]+$")
    type: Literal["image", "grid"]
    image_urls: list[str] = Field(min_length=1, max_length=5)


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    model: Literal["skyreels-v4-fast", "skyreels-v4-std"]
    prompt: str = Field(min_length=1)
    duration: int = Field(default=5, ge=3, le=15)
    resolution: Literal["480p", "720p", "1080p"] = "1080p"
    aspect_ratio: Literal["16:9", "4:3", "1:1", "9:16", "3:4"] = "16:9"
    ref_images: list[RefImage] = Field(default_factory=list, max_length=3)


def compiled(body: str, variant: str, shot: str) -> str:
    key = hashlib.sha256(f"skyflow-1\n1\n{body}".encode()).hexdigest()
    names = f'"variant": {json.dumps(variant, ensure_ascii=False)}, "shot": {json.dumps(shot)}, "take": 1'
    return f'{{{names}, "mode": "Omni", "key": "{key}", "needs": [], "request": {body}}}'


def main(folder: Path, keys: bool) -> None:
    environment = SandboxedEnvironment()
    shots = json.loads((folder / "prompts.json").read_text(encoding="utf-8"))
    languages = json.loads((folder / "languages.json").read_text(encoding="utf-8"))
    templates = [(shot["name"], environment.from_string(shot["prompt"]), shot["tags"]) for shot in shots]
    picture = environment.from_string("{{ p.picture }}")
    mika = ["https://example.com/mika-front.jpg", "https://example.com/mika-side.jpg"]
    with (folder / "products.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            for language in languages:
                for name, template, tags in templates:
                    product = [picture.render(p=row)]
                    request = Request.model_validate(
                        {
                            "model": "skyreels-v4-fast",
                            "prompt": template.render(p=row, lang=language),
                            "duration": 5,
                            "resolution": "720p",
                            "aspect_ratio": "9:16",
                            "ref_images": [
                                {"tag": tag, "type": "image", "image_urls": mika if tag == "@Mika" else product}
                                for tag in tags
                            ],
                        }
                    )
                    line = request.model_dump_json()
                    if keys:
                        line = compiled(line, f"p={row['name']},lang={language}", name)
                    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--keys" in sys.argv)
