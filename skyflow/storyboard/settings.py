"""Which settings there are, where each may stand, and what people write instead."""

from __future__ import annotations

# The fields of the request that a setting fills under its own name (generation page, "General Fields").
FIELDS = ("model", "duration", "resolution", "aspect_ratio", "prompt_optimizer")
IN_DEFAULTS = (*FIELDS, "look", "takes")
IN_SHOT = ("prompt", *FIELDS, "first_frame", "last_frame", "look", "takes", "pick", "note", "when")

# Words that Jinja2 reads as operators and values: no variable could ever be read under such a name.
EXPRESSION_WORDS = frozenset(
    {"and", "else", "false", "False", "if", "in", "is", "none", "None", "not", "or", "true", "True"}
)

_IN_PROMPT = "the model reads it in `prompt`: describe it there"
_AS_CUE = "the model makes the sound that `prompt` asks for: <dialogue>…</dialogue>, <sfx>…</sfx>, <bgm>…</bgm>"
_NO_SUCH_DIAL = "the model has no such setting; leave it out"

# What people call it that a shot begins where another one ends.
GOES_ON = (
    "continues",
    "continue",
    "continue_from",
    "continues_from",
    "follows",
    "after",
    "start_from",
    "starts_from",
    "from_shot",
    "chain",
)

# What people write who come from the API or from another tool, and what to tell them.
INSTEAD = {
    "end_frame": "the closing picture is `last_frame`",
    "first_frame_image": "the opening picture is `first_frame`",
    "end_frame_image": "the closing picture is `last_frame`",
    "mid_frame_images": 'write one `keyframe @tag = "picture.png" at 3s` for each picture',
    "ref_images": 'declare the picture with `image @tag = "picture.png"` and mention @tag in the prompt',
    "ref_videos": 'declare the clip with `video @tag = "clip.mp4"` and mention @tag in the prompt',
    "seed": "the model has no seed; `takes = 3` asks for three tries, `pick = 2` chooses one",
    "negative_prompt": "the model has no negative prompt; say in `prompt` what should be seen",
    "style": "a style for several shots is `look`",
    "length": "the length is `duration`",
    "seconds": "the length is `duration`",
    "time": "the length is `duration`",
    "size": "the size is `resolution`, the shape `aspect_ratio`",
    "quality": "the size is `resolution`, the quality tier `model = fast` or `model = std`",
    "ratio": "the shape is `aspect_ratio`",
    "aspect": "the shape is `aspect_ratio`",
    "optimize_prompt": "that is `prompt_optimizer`",
    "text": "the text that the model reads is `prompt`",
    "description": "the text that the model reads is `prompt`; a remark for people is `note`",
    "comment": "a remark for people is `note`, or a line that starts with #",
    "count": "how many tries are made is `takes`",
    "n": "how many tries are made is `takes`",
    "audio": 'a voice is declared with `voice @tag = "voice.mp3"` beside the image of that tag',
    **dict.fromkeys(("camera", "movement", "motion", "lens", "light", "lighting", "action"), _IN_PROMPT),
    **dict.fromkeys(
        ("subject", "location", "place", "mood", "weather", "setting", "characters", "actors", "cast"), _IN_PROMPT
    ),
    **dict.fromkeys(("music", "sound", "sfx", "bgm", "dialogue", "narration", "voiceover", "voice_over"), _AS_CUE),
    **dict.fromkeys(
        ("cfg", "cfg_scale", "guidance", "guidance_scale", "strength", "steps", "sampler", "temperature"), _NO_SUCH_DIAL
    ),
    **dict.fromkeys(("fps", "frame_rate", "framerate", "bitrate", "codec", "motion_strength"), _NO_SUCH_DIAL),
    "format": "the shape is `aspect_ratio`, the size `resolution`",
    "width": "the size is `resolution`, the shape `aspect_ratio`",
    "height": "the size is `resolution`, the shape `aspect_ratio`",
    "orientation": "the shape is `aspect_ratio`: 16:9 lies, 9:16 stands",
    "start_frame": "the opening picture is `first_frame`",
    "init_image": "the opening picture is `first_frame`",
    "final_frame": "the closing picture is `last_frame`",
    "transition": "cuts are made afterwards; one shot goes on from another by `first_frame = last_frame(street)`",
    **dict.fromkeys(GOES_ON, "one shot goes on from another by `first_frame = last_frame(street)`"),
    "mode": "nobody sets the mode: frames, references or none of them decide it",
    "title": 'the title of the film is `storyboard "Title"`, at the top',
    "name": "the name of a shot stands behind `shot`",
    "id": "the name of a shot stands behind `shot`",
}

# Those that are a setting of ours under another name, with the same value.
OWN_NAMES = {
    **dict.fromkeys(("first_frame_image", "start_frame", "init_image"), "first_frame"),
    **dict.fromkeys(("end_frame", "end_frame_image", "final_frame"), "last_frame"),
    **dict.fromkeys(("length", "seconds", "time"), "duration"),
    **dict.fromkeys(("ratio", "aspect"), "aspect_ratio"),
    **dict.fromkeys(("text", "description"), "prompt"),
    "optimize_prompt": "prompt_optimizer",
    "style": "look",
    "comment": "note",
}
