"""What people write who know another language, another keyboard or nothing yet: one diagnostic each, that says what to write."""

from __future__ import annotations

import pytest

# What is written; what the message says; the text with the fix applied, where there is one.
SLIPS = {
    "full-width at": ('image ＠a = "a.jpg"', "`＠` is a sign of another keyboard", 'image @a = "a.jpg"'),
    "full-width equals": ("takes ＝ 3", "`＝` is a sign of another keyboard", "takes = 3"),
    "full-width braces": ("shot a ｛ ｝", "`｛` and `｝` are signs of another keyboard", "shot a { }"),
    "full-width comma": ("x = [1，2、3]", "`，` and `、` are signs of another keyboard", "x = [1,2,3]"),
    "full-width bar": ("var a = 1 ｜ 2", "`｜` is a sign of another keyboard", "var a = 1 | 2"),
    "full-width colon": ("takes：3", "`=` stands between a name and its value, not `：`", "takes = 3"),
    "full-width hash": ("takes = 3 ＃ three", "a comment starts with `#`", "takes = 3 # three"),
    "curly quotes": ("note = “hello”", "a text stands between straight double quotes", 'note = "hello"'),
    "curly single quotes": ("note = ‘hello’", "a text stands between straight double quotes", 'note = "hello"'),
    "corner brackets": ("note = 「夜市」", "a text stands between straight double quotes", 'note = "夜市"'),
    "single quotes": ("note = 'hello'", "a text stands between straight double quotes", 'note = "hello"'),
    "quotes in single quotes": ("note = 'a \"b\" c'", "a text stands between straight double quotes", r'note = "a \"b\" c"'),
    "triple single quotes": ("note = '''\na\n'''", "a text stands between straight double quotes", 'note = """\na\n"""'),
    "slashes as a comment": ("takes = 3 // three", "a comment starts with `#`", "takes = 3 # three"),
    "dashes as a comment": ("takes = 3 -- three", "a comment starts with `#`", "takes = 3 # three"),
    "dashes as a line": ("--- cast ---\ntakes = 3", "a comment starts with `#`", "# cast ---\ntakes = 3"),
    "comment between signs": ("takes = 3 /* three */", "a comment starts with `#`", "takes = 3 # three "),
    "comment of several lines": ("/* one\n  two\n*/\ntakes = 3", "a comment starts with `#`", "# one\n  # two\n\ntakes = 3"),
    "comment that never ends": ("/* one\ntakes = 3", "a comment starts with `#`", "# one\ntakes = 3"),
    "semicolon at the end": ("takes = 3;", "a statement does not end with `;`", "takes = 3"),
    "semicolon between": ("takes = 3; pick = 2", "a statement does not end with `;`", "takes = 3\n pick = 2"),
    "dollar": ("note = $city", "`$city` means nothing here: a variable is written `{{ city }}`", "note = {{ city }}"),
    "dollar with braces": ("note = ${city}", "`${city}` means nothing here", "note = {{ city }}"),
    "colour": ("colour = #ff0000", "a value is missing behind `=`: `#` starts a comment", 'colour = "#ff0000"'),
    "name with a digit first": ("shot 3a { }", "a name starts with a letter, `3a` does not", None),
    "number for a name": ("scene 3 { }", "a name starts with a letter, `3` does not", "scene s3 { }"),
    "digit and other signs": ("shot 3.1 { }", "a name starts with a letter, `3.1` does not", None),
    "setting of two words": ('first frame = "a.jpg"', "the name of a setting is one word", 'first_frame = "a.jpg"'),
    "comparison": ('when = city == "Tokyo"', "an expression stands between `{{` and `}}`", 'when = {{ city == "Tokyo" }}'),
    "reckoning": ("takes = a + 1", "an expression stands between `{{` and `}}`", "takes = {{ a + 1 }}"),
    "include": ('include "cast.sky"', "`include` is called `use` here", 'use "cast.sky"'),
    "let": ('let city = "Tokyo"', "`let` is called `var` here", 'var city = "Tokyo"'),
    "quoted name": ('shot "street" { }', "a name stands without quotes", "shot street { }"),
    "name with a blank": ("shot the street { }", "`the street` cannot be the name of a shot", None),
    "shot without a block": ("shot street", "`shot street` has no block", None),
    "defaults without a block": ("defaults", "`defaults` has no block", None),
    "block as a value": ("defaults = { }", "no `=` stands before a block", "defaults { }"),
    "block behind a colon": ("shot a: { }", "no `:` stands before a block", "shot a { }"),
    "brace on the next line": ("shot a\n{\n}", "the `{` of a block stands on its first line", "shot a {\n}"),
    "both braces missing": ("defaults:\n  takes = 3\n\n  look = 2\n\nvar x = 3", "the `{` of defaults is missing", "defaults {\n  takes = 3\n\n  look = 2\n}\n\nvar x = 3"),
    "both braces missing at the end": ("shot a\n  takes = 3", "the `{` of shot a is missing", "shot a {\n  takes = 3\n}"),
    "brace missing": ("shot a\n  takes = 3\n}", "the `{` of shot a is missing", "shot a {\n  takes = 3\n}"),
    "colon for a value": ('prompt: "x"', "`=` stands between a name and its value, not `:`", 'prompt = "x"'),
    "equals missing": ("duration 5s", "`=` is missing behind `duration`", "duration = 5s"),
    "colon and equals": ("takes := 3", "`=` alone stands between a name and its value", "takes = 3"),
    "text without quotes in one line": ("shot a { note = A cat sleeps }", "a text stands in quotes", 'shot a { note = "A cat sleeps" }'),
    "ratio with blanks": ("x = 16 : 9", "no blank stands in a ratio", "x = 16:9"),
    "ratio with a slash": ("x = 16/9", "a ratio is written with `:`", "x = 16:9"),
    "ratio with a point and blanks": ("x = 1.85 : 1", "no blank stands in a ratio", "x = 1.85:1"),
    "inches for seconds": ('duration = 5"', "seconds are written with `s`", "duration = 5s"),
    "from to": ("duration = 3-5s", "`duration` takes one value, not a span", None),
    "from to in words": ("duration = 3 to 5 seconds", "`duration` takes one value, not a span", None),
    "time without at": ('keyframe @k = "k.png" 3s', "the time of a keyframe stands behind `at`", 'keyframe @k = "k.png" at 3s'),
    "time behind another sign": ("keyframe @k @ 3s", "the time of a keyframe stands behind `at`", "keyframe @k at 3s"),
    "time as a tag": ("keyframe @k @3s", "the time of a keyframe stands behind `at`", "keyframe @k at 3s"),
    "time behind a comma": ('keyframe @k = "k.png", 3', "the time of a keyframe stands behind `at`", 'keyframe @k = "k.png" at 3'),
    "tag with a blank": ('image @Mika Tanaka = "a.jpg"', "a tag is one word", 'image @Mika = "a.jpg"'),
    "tag with a number": ("keyframe @image 1 at 3s", "a tag is one word", "keyframe @image1 at 3s"),
    "actor": ('actor @Mika = "a.jpg"', "`actor` is called `image` here", 'image @Mika = "a.jpg"'),
    "actor without at": ('actor Mika = "a.jpg"', "`actor` is called `image` here", 'image @Mika = "a.jpg"'),
    "sound without at": ('sound Mika = "https://a.b/c"', "`sound` is called `voice` here", 'voice @Mika = "https://a.b/c"'),
    "words that are no asset": ('hero shot = "big"', "the name of a setting is one word", 'hero_shot = "big"'),
    "audio": ('audio @Mika = "a.mp3"', "`audio` is called `voice` here", 'voice @Mika = "a.mp3"'),
    "a request": ('{\n  "model": "fast",\n  "prompt": "Rain."\n}', "this is JSON, no storyboard", None),
    "a list of requests": ('[{"model": "fast"}]', "this is JSON, no storyboard", None),
    "quotes in a text": ('note = "He says "Hello" to her."', 'a `"` inside a text is written `\\"`', 'note = "He says \\"Hello\\" to her."'),
    "quotes at the end of a text": ('shot a { note = "He says "Hello"" }', 'a `"` inside a text is written `\\"`', 'shot a { note = "He says \\"Hello\\"" }'),
    "quotes and a template in a text": ('note = "In {{ a["b"] }} she says "Hi" twice."', 'a `"` inside a text is written `\\"`', 'note = "In {{ a["b"] }} she says \\"Hi\\" twice."'),
    "quotes at the start of a text": ('note = "Hi!" she says.', "a text stands in quotes as a whole", 'note = "\\"Hi!\\" she says."'),
    "quotes and a comma at the start": ('shot a { prompt = "Hi!", she says. }', "a text stands in quotes as a whole", 'shot a { prompt = "\\"Hi!\\", she says." }'),
    "quotes in a text block": ('note = """\nA """hat""".\n"""', "the text block has ended before this", None),
    "path of Windows": (r'image @a = "cast\new\a.jpg"', "a path is written with `/`", 'image @a = "cast/new/a.jpg"'),
    "call without brackets": ("first_frame = last_frame street", "what is taken of a shot stands with the shot in brackets", "first_frame = last_frame(street)"),
    "call with of": ("first_frame = last_frame of den.talk", "what is taken of a shot stands with the shot in brackets", "first_frame = last_frame(den.talk)"),
    "a condition": ('if city == "Tokyo" {\n}', "`if` starts no statement", None),
    "text over two lines": ('note = "He walks\n  down the street."', "this text is never closed", None),
    "a line of dialogue": ("MIKA: Hello there!", "what somebody says stands in a prompt", None),
    "two equals": ("takes == 3", "one `=` is enough", "takes = 3"),
    "comma missing": ("x = [1 2 3]", "`,` is missing before this value", "x = [1, 2, 3]"),
    "comma missing between pictures": ('image @a = "a.jpg" "b.jpg"', "`,` is missing before this value", 'image @a = "a.jpg", "b.jpg"'),
    "comma between alternatives": ('var a = 1, 2, 3', "the alternatives of a variable stand apart by `|`", 'var a = 1 | 2 | 3'),
    "or between alternatives": ('var a = "x" or "y" or "z"', "the alternatives of a variable stand apart by `|`", 'var a = "x" | "y" | "z"'),
    "or behind a bar": ('var a = "x" | "y" or "z"', "the alternatives of a variable stand apart by `|`", 'var a = "x" | "y" | "z"'),
    "slash between alternatives": ('var a = "x" / "y"', "the alternatives of a variable stand apart by `|`", 'var a = "x" | "y"'),
    "two bars between alternatives": ('var a = "x" || "y" || 3', "the alternatives of a variable stand apart by `|`", 'var a = "x" | "y" | 3'),
    "or between words": ("var a = rain or sun", "the alternatives of a variable stand apart by `|`", "var a = rain | sun"),
    "and between alternatives": ('var a = "x" and "y"', "the alternatives of a variable stand apart by `|`", 'var a = "x" | "y"'),
    "or in a longer expression": ('var a = "x" or "y" if b', "an expression stands between `{{` and `}}`", 'var a = {{ "x" or "y" if b }}'),
    "or in a setting": ("duration = 5s or 8s", "`duration` takes one value", None),
    "or between the words of a setting": ("model = fast or std", "`model` takes one value", None),
    "or in a note": ("note = this or that", "a text stands in quotes", 'note = "this or that"'),
    "comma with nothing behind": ('image @a = "a.jpg",', "nothing comes behind this `,`", 'image @a = "a.jpg"'),
    "tag without equals": ('image @a "a.jpg"', "`=` is missing behind `@a`", 'image @a = "a.jpg"'),
    "tag without at": ('image a = "a.jpg"', "a tag starts with `@`", 'image @a = "a.jpg"'),
    "asset without a tag": ('image = "a.jpg"', "the image has no tag", None),
    "shot with a tag": ("shot @a { }", "only the tags of assets start with `@`", "shot a { }"),
    "brace never opened": ("takes = 3\n}", "this `}` closes nothing", "takes = 3\n"),
    "brace never closed": ("shot a {\n  takes = 3\n", "the shot a is never closed", None),
    "bracket never closed": ("x = [1, 2\ny = 3", "this `[` is never closed", None),
    "quote never closed": ('note = "hello\ny = 3', "this text is never closed", None),
    "text block never closed": ('shot a {\n  note = """\n  hello\n}', "this text block is never closed", None),
    "template never closed": ("note = {{ city\ny = 3", "this `{{` is never closed", None),
    "template in a text never closed": ('note = "a {{ city"\ny = 3', "this `{{` is never closed", None),
    "template in a text block never closed": ('note = """\n a {{ city\n"""\ny = 3', "this `{{` is never closed", None),
    "Jinja statement": ('note = "{% if a %}x{% endif %}"', "`{% … %}` means nothing here", None),
    "Jinja comment": ('note = "{# not sent #}"', "`{# … #}` means nothing here", None),
    "unknown escape": (r'note = "C:\Users"', r"`\U` is no escape", None),
    "bad code point": (r'note = "\u{d800}"', r"`\u{d800}` is no character", None),
    "value missing": ("takes =", "a value is missing behind `=`", None),
    "equals on the next line": ('image @a\n  = "a.jpg"', "`=` stands on the line of its name", 'image @a = "a.jpg"'),
    "value on the next line": ('note =\n  "a"', "a value starts on the line of its `=`", 'note = "a"'),
    "text without quotes": ("prompt = A man walks.", "a text stands in quotes", 'prompt = "A man walks."'),
    "text with a template without quotes": ("note = in {{ city }} now", "a text stands in quotes", 'note = "in {{ city }} now"'),
    "path without quotes": ("first_frame = a/b.jpg", "a path or an address stands in quotes", 'first_frame = "a/b.jpg"'),
    "address without quotes": ("image @a = https://a.b/c.jpg", "a path or an address stands in quotes", 'image @a = "https://a.b/c.jpg"'),
    "title without quotes": ("storyboard Neon Night", "a title stands in quotes", 'storyboard "Neon Night"'),
    "table without quotes": ("var a from rows.csv", "the name of a table stands in quotes", 'var a from "rows.csv"'),
    "blank in a ratio": ("aspect_ratio = 16 : 9", "no blank stands in a ratio", "aspect_ratio = 16:9"),
    "misspelt keyword": ("sceen den { }", "`sceen` starts no statement", "scene den { }"),
    "two statements": ("takes = 3 pick = 2", "`pick` starts a statement of its own", "takes = 3\npick = 2"),
    "hyphen in a variable": ("var a-b = 1", "the name of a variable holds no `-`", None),
    "a word alone": ("prompt", "`prompt` says nothing by itself", None),
    "a line of prose": ("The camera pans to the left.", "`The` starts no statement", None),
    "a text alone": ('"hello"', "this text belongs to nothing", None),
    "object": ('x = {"a": 1}', "`{` starts no value", None),
    "loop word": ("shot a for x of [1] { }", "`in` or `from` is missing behind `for x`", None),
    "NUL": ("takes = 3\0", "a character that cannot be seen stands here", "takes = 3"),
    "zero-width space": ("takes\u200b = 3", "a character that cannot be seen stands here", "takes = 3"),
    "old line ends": ("takes = 3\rpick = 2\r", "the lines of this file end as on an old Macintosh (CR)", "takes = 3\npick = 2\n"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message", "expected"), SLIPS.values(), ids=SLIPS.keys())
def test_a_slip_has_one_diagnostic_that_says_what_it_is(read, text, message, expected) -> None:
    _file, diagnostics = read(text)
    assert len(diagnostics) == 1
    assert diagnostics[0].message.startswith(message)


@pytest.mark.parametrize(
    ("text", "expected"),
    [(text, expected) for text, _message, expected in SLIPS.values() if expected],
    ids=[name for name, slip in SLIPS.items() if slip[2]],
)
def test_the_fix_of_a_slip_makes_a_file_in_which_nothing_is_wrong(read, read_well, apply_fixes, text, expected) -> None:
    _file, diagnostics = read(text)
    assert apply_fixes(text, diagnostics) == expected
    read_well(expected)


@pytest.mark.parametrize("name", [name for name, slip in SLIPS.items() if slip[2]])
def test_what_is_read_on_is_what_the_fixed_file_says(read, outline_of, name) -> None:
    text, _message, expected = SLIPS[name]
    file, _diagnostics = read(text)
    if not file.damaged_words:
        assert outline_of(file.statements) == outline_of(read(expected)[0].statements)


def test_a_curly_brace_in_a_comment_or_a_text_is_no_slip(read_well) -> None:
    read_well('takes = 3 # a ｛ b “c” ＝\nnote = "＝ “quotes” ｛ ＠ // ; $x"')


def test_signs_of_one_line_are_one_mistake(read) -> None:
    _file, diagnostics = read("var a ＝ [1，2，3]\nvar b ＝ 3")
    assert [diagnostic.span.start_position.line for diagnostic in diagnostics] == [1, 2]
    assert len(diagnostics[0].fix.edits) == 3


def test_a_comma_missing_again_and_again_is_one_mistake(read) -> None:
    _file, diagnostics = read("var a = [1 2 3 4 5]")
    assert len(diagnostics) == 1


# With an expression, one of the alternatives would be left; a division, a word or an "and" may be meant as they stand.
GUESSES = (
    ('var a = "x" or "y"', True),
    ('var a = "x" || "y"', True),
    ('var a = "x" and "y"', False),
    ("var a = x or y", False),
    ('var a = "x" or "y" if b', False),
    ("var a = 3/2", False),
    ("aspect_ratio = 16/9", True),
)


def test_guesses_are_told_from_certain_fixes(read) -> None:
    for text, certain in (
        ("sceen den { }", False),
        ("takes = 3\n}", False),
        ("takes = 3,", False),
        ("takes: 3", True),
        *GUESSES,
    ):
        _file, (diagnostic,) = read(text)
        assert diagnostic.fix.certain is certain


def test_names_and_tags_may_hold_vowel_signs_and_accents(read_well) -> None:
    image, shot = read_well('image @नेहा = "a.jpg"\nshot ถนนใหญ่ { }').statements
    assert image.tag.text == "@नेहा"
    assert shot.name.text == "ถนนใหญ่"
    (accented,) = read_well("shot cafe\u0301-1 { }").statements
    assert accented.name.text == "cafe\u0301-1"
