"""Reference pictures: subjects (`image`) and collages (`grid`), how many of each, and which may have a voice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from skyflow.contract.limits import (
    MAX_GRID_URLS,
    MAX_GRIDS,
    MAX_REF_IMAGE_URLS,
    MAX_REF_IMAGES,
    PAGE,
    REF_IMAGE_TYPES,
)
from skyflow.contract.violation import NEARLY_THE_SAME, Path, Violation, is_list, is_object, nearest_word, one_of, show
from skyflow.diagnostics.rule import Rule

REF_IMAGES_MIXED_TYPES = Rule(
    id="ref-images-mixed-types",
    severity="error",
    summary="subjects and a collage in one shot",
    what="All reference pictures of a request have one type: all subjects (`image`), or a collage (`grid`).",
    why="The model works in one of two ways: it draws the subjects, or it walks through the collage. The API refuses a mixture.",
    wrong="""\
defaults { model = fast }
image @Mika = "https://example.com/mika.jpg"
grid @steps = "https://example.com/steps.png"

shot kitchen {
  prompt = "@Mika cooks, following @steps."
}
""",
    right="""\
defaults { model = fast }
grid @steps = "https://example.com/steps.png"

shot kitchen {
  prompt = "A woman cooks, following @steps."
}
""",
    source=f'{PAGE}, "ref_images overall": "All elements must share the same type"',
)
REF_IMAGE_TYPE_UNKNOWN = Rule(
    id="ref-image-type-unknown",
    severity="error",
    summary="a reference picture of a type that the API does not have",
    what="`type` of a reference picture is `image` (pictures of one subject) or `grid` (a collage of steps), in small letters.",
    why="The API refuses other types.",
    wrong="""\
{
  "model": "skyreels-v4-fast",
  "prompt": "@Mika walks through the rain.",
  "ref_images": [
    {"tag": "@Mika", "type": "photo", "image_urls": ["https://example.com/mika.jpg"]}
  ]
}
""",
    right="""\
{
  "model": "skyreels-v4-fast",
  "prompt": "@Mika walks through the rain.",
  "ref_images": [
    {"tag": "@Mika", "type": "image", "image_urls": ["https://example.com/mika.jpg"]}
  ]
}
""",
    source=f'{PAGE}, "Parameter Constraints": "ref_images.type=grid", "ref_images.type=image"',
    example_kind="request",
)
REF_IMAGES_COUNT = Rule(
    id="ref-images-count",
    severity="error",
    summary="more subjects than the model takes",
    what=f"A shot shows at most {MAX_REF_IMAGES} subjects (`ref_images` of type `image`).",
    why="The API refuses more. Leave the `@` off the least important name, or split the shot.",
    wrong="""\
defaults { model = fast }
image @Mika = "https://example.com/mika.jpg"
image @Bob = "https://example.com/bob.jpg"
image @Ada = "https://example.com/ada.jpg"
image @Rex = "https://example.com/rex.jpg"

shot table {
  prompt = "@Mika, @Bob and @Ada sit at a table, @Rex sleeps below."
}
""",
    right="""\
defaults { model = fast }
image @Mika = "https://example.com/mika.jpg"
image @Bob = "https://example.com/bob.jpg"
image @Ada = "https://example.com/ada.jpg"

shot table {
  prompt = "@Mika, @Bob and @Ada sit at a table, a dog sleeps below."
}
""",
    source=f'{PAGE}, "Parameter Constraints": "ref_images.type=image List length 1 ~ 3"',
)
REF_IMAGE_URLS_COUNT = Rule(
    id="ref-image-urls-count",
    severity="error",
    summary="too many pictures of one subject, or none",
    what=f"A subject has 1 to {MAX_REF_IMAGE_URLS} pictures.",
    why="The API refuses other counts. A front, a side and a full figure say most.",
    wrong="""\
defaults { model = fast }
image @Mika = "https://example.com/1.jpg", "https://example.com/2.jpg", "https://example.com/3.jpg",
  "https://example.com/4.jpg", "https://example.com/5.jpg", "https://example.com/6.jpg"

shot street {
  prompt = "@Mika walks through the rain."
}
""",
    right="""\
defaults { model = fast }
image @Mika = "https://example.com/1.jpg", "https://example.com/2.jpg", "https://example.com/3.jpg",
  "https://example.com/4.jpg", "https://example.com/5.jpg"

shot street {
  prompt = "@Mika walks through the rain."
}
""",
    source=f'{PAGE}, "Parameter Constraints": "each image_urls length 1 ~ 5"',
)
GRID_COUNT = Rule(
    id="grid-count",
    severity="error",
    summary="more than one collage in a shot",
    what="A shot follows one collage: `ref_images` of type `grid` has one element.",
    why="The API refuses more. Make a shot of each collage.",
    wrong="""\
defaults { model = fast }
grid @dough = "https://example.com/dough.png"
grid @sauce = "https://example.com/sauce.png"

shot kitchen {
  prompt = "A cook makes the dough of @dough, then the sauce of @sauce."
}
""",
    right="""\
defaults { model = fast }
grid @dough = "https://example.com/dough.png"
grid @sauce = "https://example.com/sauce.png"

shot kneading { prompt = "A cook makes the dough of @dough." }
shot stirring { prompt = "A cook makes the sauce of @sauce." }
""",
    source=f'{PAGE}, "Parameter Constraints": "ref_images.type=grid List length must = 1"',
)
GRID_URLS_COUNT = Rule(
    id="grid-urls-count",
    severity="error",
    summary="a collage that is not one picture",
    what="A collage is one picture that shows all steps side by side.",
    why="The API refuses a collage of several files. Paste them into one picture.",
    wrong="""\
defaults { model = fast }
grid @steps = "https://example.com/left.png", "https://example.com/right.png"

shot kitchen {
  prompt = "A cook makes noodles as in @steps."
}
""",
    right="""\
defaults { model = fast }
grid @steps = "https://example.com/steps.png"

shot kitchen {
  prompt = "A cook makes noodles as in @steps."
}
""",
    source=f'{PAGE}, "Parameter Constraints": "image_urls must be 1 image"',
)
GRID_AUDIO = Rule(
    id="grid-audio",
    severity="error",
    summary="a collage with a voice",
    what="Only a subject (`image`) can have a voice (`audio_url`), a collage (`grid`) cannot.",
    why="The voice moves the lips of the subject; a collage has none, and the API refuses it.",
    wrong="""\
defaults { model = fast }
grid @steps = "https://example.com/steps.png"
voice @steps = "https://example.com/cook.mp3"

shot kitchen {
  prompt = "A cook makes noodles as in @steps."
}
""",
    right="""\
defaults { model = fast }
image @cook = "https://example.com/cook.jpg"
voice @cook = "https://example.com/cook.mp3"

shot kitchen {
  prompt = "@cook explains how noodles are made."
}
""",
    source=f'{PAGE}, "Parameter Constraints": "ref_images.audio_url Only supported when type=image"',
)
FIELD = "ref_images"


def check_ref_image_type(value: object, path: Path) -> Sequence[Violation]:
    if isinstance(value, str) and value in REF_IMAGE_TYPES:
        return ()
    message = f"{show(value)} is no type of reference picture{nearest_word(value, REF_IMAGE_TYPES, NEARLY_THE_SAME)}"
    help_text = f"the type is {one_of(REF_IMAGE_TYPES)}"
    return (Violation(REF_IMAGE_TYPE_UNKNOWN, path, message, help_text, {"found": value, "allowed": REF_IMAGE_TYPES}),)


def check_ref_images_together(request: Mapping[str, object]) -> Iterator[Violation]:
    """What holds for the reference pictures of a request together, and for one where it depends on its type."""
    images, grids = elements_of_type(request, FIELD, "image"), elements_of_type(request, FIELD, "grid")
    if images and grids:
        yield _mixed(*sorted((images[0][0], grids[0][0])))
    if len(images) > MAX_REF_IMAGES:
        message = f"there are {len(images)} subjects, but a shot takes at most {MAX_REF_IMAGES}"
        help_text = "write the least important name without `@`, or make two shots of it"
        yield Violation(REF_IMAGES_COUNT, (FIELD,), message, help_text, {"found": len(images), "limit": MAX_REF_IMAGES})
    if len(grids) > MAX_GRIDS:
        message = f"there are {len(grids)} collages, but a shot follows only one"
        yield Violation(
            GRID_COUNT, (FIELD,), message, "make a shot of each collage", {"found": len(grids), "limit": MAX_GRIDS}
        )
    for index, image in images:
        yield from _check_picture_count(image, index, MAX_REF_IMAGE_URLS, REF_IMAGE_URLS_COUNT)
    for index, grid in grids:
        yield from _check_picture_count(grid, index, MAX_GRID_URLS, GRID_URLS_COUNT)
        if grid.get("audio_url") is not None:
            message, help_text = "a collage cannot have a voice", "give the voice to an `image`, or leave it out"
            yield Violation(GRID_AUDIO, (FIELD, index, "audio_url"), message, help_text)


def elements_of_type(request: Mapping[str, object], name: str, wanted: str) -> list[tuple[int, Mapping[str, object]]]:
    """The elements of the list field `name` whose `type` is `wanted`, each with its index."""
    elements = request.get(name)
    if not is_list(elements):
        return []
    return [
        (index, element)
        for index, element in enumerate(elements)
        if is_object(element) and element.get("type") == wanted
    ]


def _mixed(first: int, other: int) -> Violation:
    message = "subjects (`image`) and a collage (`grid`) stand in one shot"
    related: tuple[tuple[Path, str], ...] = (((FIELD, first, "type"), "another type"),)
    return Violation(
        REF_IMAGES_MIXED_TYPES,
        (FIELD, other, "type"),
        message,
        "make two shots, one with the subjects, one with the collage",
        related=related,
    )


def _check_picture_count(element: Mapping[str, object], index: int, most: int, rule: Rule) -> Iterator[Violation]:
    urls = element.get("image_urls")
    if is_list(urls) and not 1 <= len(urls) <= most:
        noun, allowed = (
            ("subject", f"1 to {most} pictures") if rule is REF_IMAGE_URLS_COUNT else ("collage", "one picture")
        )
        message = f"this {noun} has {len(urls) or 'no'} pictures, but it needs {allowed}"
        help_text = (
            "add a picture" if not urls else f"keep the best {most}" if most > 1 else "paste them into one picture"
        )
        yield Violation(rule, (FIELD, index, "image_urls"), message, help_text, {"found": len(urls), "limit": most})
