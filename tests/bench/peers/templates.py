"""A peer: a Jinja2 template of a YAML file for each request, loaded with PyYAML and validated with jsonschema."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import jsonschema
import yaml
from jinja2.sandbox import SandboxedEnvironment

TEMPLATE = """
model: skyreels-v4-fast
prompt: {{ prompt | tojson }}
duration: 5
resolution: 720p
aspect_ratio: "9:16"
ref_images:
{% for tag in tags %}  - tag: "{{ tag }}"
    type: image
    image_urls: {{ (mika if tag == "@Mika" else [p.picture]) | tojson }}
{% endfor %}"""
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["model", "prompt"],
    "properties": {
        "model": {"enum": ["skyreels-v4-fast", "skyreels-v4-std"]},
        "prompt": {"type": "string", "minLength": 1},
        "duration": {"type": "integer", "minimum": 3, "maximum": 15},
        "resolution": {"enum": ["480p", "720p", "1080p"]},
        "aspect_ratio": {"enum": ["16:9", "4:3", "1:1", "9:16", "3:4"]},
        "ref_images": {
            "type": "array",
            "maxItems": 3,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["tag", "type", "image_urls"],
                "properties": {
                    "tag": {"type": "string", "pattern": "^@"},
                    "type": {"enum": ["image", "grid"]},
                    "image_urls": {"type": "array", "minItems": 1, "maxItems": 5, "items": {"type": "string"}},
                },
            },
        },
    },
}


def main(folder: Path) -> None:
    environment = SandboxedEnvironment()
    request = environment.from_string(TEMPLATE)
    shots = json.loads((folder / "prompts.json").read_text(encoding="utf-8"))
    languages = json.loads((folder / "languages.json").read_text(encoding="utf-8"))
    prompts = [(environment.from_string(shot["prompt"]), shot["tags"]) for shot in shots]
    mika = ["https://example.com/mika-front.jpg", "https://example.com/mika-side.jpg"]
    validator = jsonschema.Draft202012Validator(SCHEMA)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with (folder / "products.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            for language in languages:
                for prompt, tags in prompts:
                    text = request.render(prompt=prompt.render(p=row, lang=language), tags=tags, p=row, mika=mika)
                    loaded = yaml.load(text, Loader=loader)
                    validator.validate(loaded)
                    sys.stdout.write(json.dumps(loaded, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
