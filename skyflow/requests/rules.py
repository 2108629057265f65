"""The rules about tags, assets, files and shots that need shots: what the API cannot know, because a storyboard says more than a request."""

from __future__ import annotations

from skyflow.diagnostics import Rule

LANGUAGE = "the storyboard language (grammar/README.md)"

TAG_UNKNOWN = Rule(
    id="tag-unknown",
    severity="error",
    summary="an @name that no asset here declares",
    what="Every @name in a prompt, a look or a frame must be an asset that is visible there. @@name writes a plain @name that means nothing.",
    why="The model would read the name as a word and invent a face of its own.",
    wrong='defaults { model = fast }\nimage @hero = "https://example.com/hero.jpg"\nshot street { prompt = "@hero meets @heroo." }\n',
    right='defaults { model = fast }\nimage @hero = "https://example.com/hero.jpg"\nshot street { prompt = "@hero walks. Follow us @@heroo." }\n',
    source=f"{LANGUAGE}, Mentions",
)
TAG_UNMARKED = Rule(
    id="tag-unmarked",
    severity="warning",
    summary="the name of an asset without its @",
    what="""\
        A prompt says the bare name of an image, a grid or a video that it mentions nowhere. It warns for names that are no plain word, such as @Zoë,
        @Mika or @image1, once for each shot and name; not within <dialogue> or quotes, and not in a shot with frames, where the plain word is right.""",
    why="Only an @ sends the pictures. Without it the clip is made, and paid, with a stranger.",
    wrong='defaults { model = fast }\nimage @Mika = "https://example.com/mika.jpg"\nshot street { prompt = "Mika walks." }\n',
    right='defaults { model = fast }\nimage @Mika = "https://example.com/mika.jpg"\nshot street { prompt = "@Mika walks." }\n',
    source=f"{LANGUAGE}, Mentions",
)
ASSET_KIND = Rule(
    id="asset-kind",
    severity="error",
    summary="an asset used as what it cannot be",
    what="A frame is one picture, an extended clip is a video, a voice belongs to an image of the same tag.",
    why="The API has a place for each kind, and no other fits.",
    wrong='defaults { model = fast }\nvideo @move = "https://example.com/move.mp4"\nshot street {\n  first_frame = @move\n  prompt = "Rain."\n}\n',
    right='defaults { model = fast }\nimage @door = "https://example.com/door.jpg"\nshot street {\n  first_frame = @door\n  prompt = "Rain."\n}\n',
    source=f"{LANGUAGE}, Assets and voices",
)
SHOT_ABSENT = Rule(
    id="shot-absent",
    severity="error",
    summary="a shot that uses one which does not exist in this variant",
    what="A shot that builds on another needs it in the same variant; `when` can remove it, and before the first shot there is no previous one.",
    why="There would be no clip to take the frame from.",
    wrong='defaults { model = fast }\nvar night = true\nshot dusk {\n  when = {{ not night }}\n  prompt = "The sun sets."\n}\nshot dark {\n  first_frame = last_frame(dusk)\n  prompt = "The lamps go on."\n}\n',
    right='defaults { model = fast }\nvar night = true\nshot dusk {\n  when = {{ night }}\n  prompt = "The sun sets."\n}\nshot dark {\n  first_frame = last_frame(dusk)\n  prompt = "The lamps go on."\n}\n',
    source=f"{LANGUAGE}, Shot results",
)
SHOT_CYCLE = Rule(
    id="shot-cycle",
    severity="error",
    summary="shots that need each other in a circle",
    what="A shot can use what others make, but the chain must start somewhere.",
    why="None of them could be made first.",
    wrong='defaults { model = fast }\nshot one {\n  first_frame = last_frame(two)\n  prompt = "Rain."\n}\nshot two {\n  first_frame = last_frame(one)\n  prompt = "Snow."\n}\n',
    right='defaults { model = fast }\nshot one { prompt = "Rain." }\nshot two {\n  first_frame = last_frame(one)\n  prompt = "Snow."\n}\n',
    source=f"{LANGUAGE}, Shot results",
)
SHOT_REPEATED = Rule(
    id="shot-repeated",
    severity="warning",
    summary="two shots of one film that are the same request",
    what="Two shots of one variant compile to the same request and therefore share one clip.",
    why="The film would show the same clip twice; for another try at it write `takes`.",
    wrong='defaults { model = fast }\nshot one { prompt = "Rain on a window." }\nshot two { prompt = "Rain on a window." }\n',
    right='defaults { model = fast }\nshot one {\n  takes = 2\n  pick = 1\n  prompt = "Rain on a window."\n}\n',
    source=f"{LANGUAGE}, Keys",
)
TAKE_UNPICKED = Rule(
    id="take-unpicked",
    severity="warning",
    summary="a shot with several takes that others use, and no pick",
    what="Other shots use the picked take. Where `pick` is not written, that is the first one.",
    why="When you later prefer another take, everything built on the first must be made and paid again.",
    wrong='defaults { model = fast }\nshot one {\n  takes = 3\n  prompt = "Rain."\n}\nshot two {\n  first_frame = last_frame(one)\n  prompt = "Snow."\n}\n',
    right='defaults { model = fast }\nshot one {\n  takes = 3\n  pick = 2\n  prompt = "Rain."\n}\nshot two {\n  first_frame = last_frame(one)\n  prompt = "Snow."\n}\n',
    source=f"{LANGUAGE}, Keys",
)
PICTURE_RATIO = Rule(
    id="picture-ratio",
    severity="warning",
    summary="a first frame of another shape than the film",
    what="With a first frame the clip takes the picture's shape; the aspect ratio of `defaults` does not apply.",
    why="One clip of another shape than the rest is seldom meant.",
    wrong='# square.png is 64 × 64\ndefaults {\n  model = fast\n  aspect_ratio = 16:9\n}\nshot street {\n  first_frame = "square.png"\n  prompt = "Rain."\n}\n',
    right='# square.png is 64 × 64\ndefaults {\n  model = fast\n  aspect_ratio = 1:1\n}\nshot street {\n  first_frame = "square.png"\n  prompt = "Rain."\n}\n',
    source=f"{LANGUAGE}, What is checked",
)
UPLOAD_IMPOSSIBLE = Rule(
    id="upload-impossible",
    severity="error",
    summary="a local sound or clip that the real API has no upload for",
    what="""\
        The API takes uploads of pictures only. A local video or voice needs an address that the API can fetch: one of your own in the storyboard, or
        an asset host, which skyflow.toml names below [host].

        A bucket of any S3-compatible store: kind = "s3" and bucket = "film-assets", outside of Amazon also endpoint = "https://…", where it matters
        region = "…". Its keys stand in the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE). A project may come from
        anybody, so the environment must name the bucket too: SKYFLOW_BUCKET=https://ENDPOINT/BUCKET, or s3://BUCKET without an endpoint. Files are put
        there by their content, once, below `prefix` ("skyflow/"); the API gets links that end after `link-hours` (24). This needs
        pip install 'skyflow[s3]'.

        A folder that you publish yourself: kind = "static", folder = "assets" and url = "https://cdn.example.com/film/". Then assets/voices/mika.mp3
        must be at https://cdn.example.com/film/voices/mika.mp3, which is looked at before anything is paid.""",
    why="The shot would fail in the middle of a paid run. Previews in the sandbox take local files.",
    wrong='# only with --live\ndefaults { model = fast }\nvideo @move = "move.mp4"\nshot street { prompt = "She moves like @move." }\n',
    right='defaults { model = fast }\nvideo @move = "https://example.com/move.mp4"\nshot street { prompt = "She moves like @move." }\n',
    source="the pages of the API: they describe an upload of pictures, and none of sounds or clips",
)
CUE_UNBALANCED = Rule(
    id="cue-unbalanced",
    severity="warning",
    summary="a sound cue that is misspelt, not opened or not closed",
    what="Sound is written into the prompt as <dialogue>…</dialogue>, <sfx>…</sfx>, <bgm>…</bgm> or <voice_ref>…</voice_ref>.",
    why="A broken cue is read as words; somebody might speak it.",
    wrong='defaults { model = fast }\nshot street { prompt = "She says: <dialogue>Good morning." }\n',
    right='defaults { model = fast }\nshot street { prompt = "She says: <dialogue>Good morning.</dialogue>" }\n',
    source=f"the model maker's published examples; {LANGUAGE}, In a shot",
)

RULES = (
    TAG_UNKNOWN,
    TAG_UNMARKED,
    ASSET_KIND,
    SHOT_ABSENT,
    SHOT_CYCLE,
    SHOT_REPEATED,
    TAKE_UNPICKED,
    PICTURE_RATIO,
    UPLOAD_IMPOSSIBLE,
    CUE_UNBALANCED,
)
