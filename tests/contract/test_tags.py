"""The spelling of tags and the whole-tag rule, case by case as the contract words it, and against a second reading of the rule."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyflow.contract import check_prompt, check_request, declared_tags, is_tag, scan_tags


def mentions(prompt, *declared):
    return [tag for tag, _start, _end in scan_tags(prompt, declared).mentions]


def undeclared(prompt, *declared):
    return [text for text, _start, _end in scan_tags(prompt, declared).undeclared]


@pytest.mark.parametrize(
    "tag",
    [
        "@a",
        "@image_1",
        "@Actor-1",
        "@主角",
        "@dragón",
        "@9",
        "@-",
        "@_",
        "@Ünï",
        "@ひらがな",
        "@김",
        "@МИША",
        "@हिन्दी",
        "@น้ำ",
        "@drago\u0301n",
    ],
)
def test_tags(tag):
    assert is_tag(tag)


@pytest.mark.parametrize(
    "text",
    ["", "@", "a", "image1", "@a b", "@ a", "@a.b", "@a!", "@@a", "@a@b", "＠a", "@a\n", "@🐉", " @a", "@\u0301"],
)
def test_no_tags(text):
    assert not is_tag(text)


@pytest.mark.parametrize(
    ("prompt", "standing"),
    [
        ("@image1", True),
        ("@image1走过", True),
        ("@image1's turn", True),
        ("@image1- and on", True),
        ("@image1--", True),
        ("@image1-é", True),
        ("@image1é", True),
        ("@image1１", True),
        ("@image1’@image1", True),
        ("(@image1)", True),
        ("在@image1", True),
        ("-@image1", True),
        ("é@image1", True),
        ("🎬@image1🎬", True),
        ("@image10", False),
        ("@image1-b", False),
        ("@image1-_", False),
        ("@image1_", False),
        ("@image1x", False),
        ("x@image1", False),
        ("_@image1", False),
        ("9@image1", False),
        ("@Image1", False),
        ("@ image1", False),
        ("image1", False),
    ],
)
def test_whole_tags(prompt, standing):
    assert mentions(prompt, "@image1") == ["@image1"] * (prompt.count("@image1") if standing else 0)


def test_the_longest_tag_stands():
    assert mentions("@小梅走过，@小红，@小", "@小", "@小梅") == ["@小梅", "@小", "@小"]
    assert mentions("@a-b @a-b-c @a-", "@a", "@a-b", "@a-") == ["@a-b", "@a-"]
    assert undeclared("@a-b @a-b-c @a-", "@a", "@a-b", "@a-") == ["@a-b-c"]
    assert mentions("@e\u0301", "@e", "@e\u0301") == ["@e\u0301"]


def test_addresses_and_bare_signs_are_no_tags():
    assert scan_tags("a@b.com, @, @ noon, @!, @@, @🎬", ["@b"]) == scan_tags("", [])


def test_a_sign_behind_a_tag_of_ascii_is_an_address():
    assert mentions("@a@b", "@a", "@b") == ["@a"]
    assert mentions("@小@b", "@小", "@b") == ["@小", "@b"]


def test_a_double_sign_is_read_at_its_second_half():
    assert mentions("@@a", "@a") == ["@a"]


def test_undeclared_tags_run_as_far_as_a_tag_could():
    assert undeclared("@小梅走进 @a-b.c @- @x'", "@y") == ["@小梅走进", "@a-b", "@-", "@x"]


def test_places_are_in_characters():
    scan = scan_tags("🎬 @a, 小@b @c", ["@a", "@b"])
    assert scan.mentions == (("@a", 2, 4), ("@b", 7, 9))
    assert scan.undeclared == (("@c", 10, 12),)


def test_the_prompt_half():
    tags = {"@a": ("ref_images", 0, "tag"), "@b": ("ref_images", 1, "tag")}
    found = check_prompt("See @a, @x and @x.", tags)
    assert [(violation.rule.id, violation.path, violation.facts) for violation in found] == [
        ("tag-not-in-prompt", ("ref_images", 1, "tag"), {"tag": "@b"}),
        ("tag-undeclared", ("prompt",), {"tag": "@x", "range": (8, 10)}),
        ("tag-undeclared", ("prompt",), {"tag": "@x", "range": (15, 17)}),
    ]


def test_a_prompt_of_signs_stays_small():
    assert len(check_prompt("@é" * 5_000)) == 101
    assert {found.rule.id for found in check_prompt("@é" * 5_000)} == {"tag-undeclared", "prompt-too-long"}


def test_equal_tags_are_told_once_each():
    pictures = [{"tag": "@a", "type": "image", "image_urls": ["https://example.com/a.png"]}] * 3
    found = check_request({"model": "skyreels-v4-fast", "prompt": "Nobody.", "ref_images": pictures})
    assert [(violation.rule.id, violation.pointer) for violation in found] == [
        ("tag-duplicate", "/ref_images/1/tag"),
        ("tag-duplicate", "/ref_images/2/tag"),
        ("tag-not-in-prompt", "/ref_images/0/tag"),
    ]


def test_tags_are_gathered_over_all_fields():
    request = {
        "mid_frame_images": [{"tag": "@k"}, {"tag": "bad"}, {"tag": 3}, None],
        "ref_images": [{"tag": "@k"}, {"tag": "@i"}],
        "ref_videos": [{"tag": "@v"}],
    }
    assert declared_tags(request) == {
        "@k": ("mid_frame_images", 0, "tag"),
        "@i": ("ref_images", 1, "tag"),
        "@v": ("ref_videos", 0, "tag"),
    }


letters = st.sampled_from(list("aB1_- .'@小梅é\u0301🎬"))
tags = (
    st.text(st.sampled_from(list("aB1_-小é\u0301")), min_size=1, max_size=4).map(lambda name: "@" + name).filter(is_tag)
)


@given(st.text(letters, max_size=40), st.lists(tags, max_size=5, unique=True))
def test_the_rule_read_a_second_time(prompt, declared):
    """The contract's sentence as one regular expression, where the shorter tag is tried when the longer does not stand."""
    names = "|".join(re.escape(tag) for tag in sorted(declared, key=len, reverse=True)) or "(?!)"
    pattern = re.compile(rf"(?<![A-Za-z0-9_])(?=@)(?:({names})(?![A-Za-z0-9_]|-[A-Za-z0-9_])|@(?=[\w-]))")
    standing = [(match[1], match.start()) for match in pattern.finditer(prompt)]
    scan = scan_tags(prompt, declared)
    assert [(tag, start) for tag, start, _end in scan.mentions] == [(tag, start) for tag, start in standing if tag]
    assert [start for _text, start, _end in scan.undeclared] == [start for tag, start in standing if not tag]
    for text, start, end in (*scan.mentions, *scan.undeclared):
        assert prompt[start:end] == text


@given(st.text(letters, max_size=40), st.lists(tags, max_size=5, unique=True))
def test_the_quick_look_agrees_with_the_scan(prompt, declared):
    found = check_prompt("words " + prompt, {tag: ("ref_images", index, "tag") for index, tag in enumerate(declared)})
    scan = scan_tags("words " + prompt, declared)
    assert (found == []) == (not scan.undeclared and {tag for tag, _start, _end in scan.mentions} == set(declared))
