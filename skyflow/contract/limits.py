"""The service's table: every word and number that the API knows, each beside its source; nothing here checks anything.

"page" is the published page of the generation endpoint, `POST /v1/videos/generations`; "maker" the model maker's own reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

PAGE: Final = "SkyReels V4 generation page"
MAKER: Final = "the model maker's API reference"
OURS: Final = "our own decision, the API does not say"

# --- General Fields (page) ---
Model = Literal["skyreels-v4-fast", "skyreels-v4-std"]
Resolution = Literal["480p", "720p", "1080p"]
AspectRatio = Literal["16:9", "4:3", "1:1", "9:16", "3:4"]
MODELS: Final[tuple[Model, ...]] = get_args(Model)
RESOLUTIONS: Final[tuple[Resolution, ...]] = get_args(Resolution)
ASPECT_RATIOS: Final[tuple[AspectRatio, ...]] = get_args(AspectRatio)
DEFAULT_RESOLUTION: Final[Resolution] = "1080p"
DEFAULT_ASPECT_RATIO: Final[AspectRatio] = "16:9"
DEFAULT_PROMPT_OPTIMIZER: Final = True
DEFAULT_DURATION: Final = 5  # seconds
MIN_DURATION: Final = 3  # seconds
MAX_DURATION: Final = 15  # seconds
MAX_PROMPT_TOKENS: Final = 1280

# --- Generation Modes (page): the fields decide the mode, it is never sent ---
Mode = Literal["T2V", "I2V", "Omni"]
MODE_WORDS: Mapping[Mode, str] = {
    "T2V": "text to video, from words alone",
    "I2V": "image to video, through given frames",
    "Omni": "made of references: people, things, clips, voices",
}
FRAME_FIELDS: Final = ("first_frame_image", "end_frame_image", "mid_frame_images")
REFERENCE_FIELDS: Final = ("ref_images", "ref_videos")

# --- I2V-Specific Fields (page) ---
IMAGE_EXTENSIONS: Final = ("jpg", "jpeg", "png", "gif", "bmp")  # "first_frame_image"; for reference pictures ours
MAX_MID_FRAMES: Final = 6
PLACE_IT_YOURSELF: Final = -1  # the `time_stamp` that leaves the moment to the model, and its default (maker)

# --- Omni-Specific Fields, Parameter Constraints (page) ---
RefImageType = Literal["image", "grid"]
RefVideoType = Literal["reference", "extend"]
REF_IMAGE_TYPES: Final[tuple[RefImageType, ...]] = get_args(RefImageType)
REF_VIDEO_TYPES: Final[tuple[RefVideoType, ...]] = get_args(RefVideoType)
MAX_REF_IMAGES: Final = 3  # elements, with type image
MAX_REF_IMAGE_URLS: Final = 5  # pictures in one element, with type image
MAX_GRIDS: Final = 1
MAX_GRID_URLS: Final = 1
MAX_REF_VIDEOS: Final = 1
VIDEO_EXTENSIONS: Final = ("mp4", "mov")
MAX_AUDIO_SECONDS: Final = 15
MAX_VIDEO_SECONDS: Final = 15
MAX_REFERENCE_SECONDS: Final = 10  # what of a reference video is used, and billed
