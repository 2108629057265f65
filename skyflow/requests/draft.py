"""One shot with all its values → the body of its request, with the place in the source that each field came from.

A draft stands by itself: where it uses other shots' results, slots stand for their keys, so one draft serves every variant that agrees in what it reads.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any
from unicodedata import normalize

from skyflow.contract import ASPECT_RATIOS, is_tag, scan_tags
from skyflow.diagnostics import Diagnostic, Edit, Fix, Related, nearest
from skyflow.requests.collect import USED_HERE
from skyflow.requests.draft_settings import FIELD_ORDER, Draft, DraftingSettings, Path
from skyflow.requests.prompts import Mentions, PromptText, compose, find_mentions
from skyflow.requests.rules import ASSET_KIND, PICTURE_RATIO, TAG_UNKNOWN
from skyflow.requests.sources import read_seconds, with_cell
from skyflow.requests.tag_origins import origin_of_tag
from skyflow.requests.unmarked import find_unmarked
from skyflow.source import Files, MediaKind, Span
from skyflow.storyboard import UNREAD_FILE, Asset
from skyflow.syntax import tree
from skyflow.variants import GAP, ShotInstance, Unevaluated, evaluate, evaluate_around_gaps

# A picture may miss the ratio by a pixel or two of rounding; more than this is another shape.
RATIO_TOLERANCE = 0.02
FULL_WIDTH_AT = "＠"


def draft_request(
    instance: ShotInstance, files: Files, damaged_words: frozenset[str], everywhere: Mapping[str, Asset]
) -> Draft:
    """The request of a shot. Whatever is wrong stands in `diagnostics`. `everywhere` are the assets of all blocks, for suggestions."""
    return _Drafting(instance, files, damaged_words, everywhere).run()


class _Drafting(DraftingSettings):
    """Frames and references, which decide the mode, on top of the settings."""

    def run(self) -> Draft:
        draft = self.draft
        draft.origins[()] = self.shot.name.span
        settings = self.settings()
        self.prompt(settings)
        for name in ("model", "duration", "resolution", "aspect_ratio", "prompt_optimizer"):
            if name in settings:
                self.field(name, settings[name])
        self.takes(settings)
        self.frames(settings)
        self.keyframes()
        self.extends()
        if draft.prompt is not None:
            self.mentions(draft.prompt)
        for text in self.broken:
            self.mentions_around_gaps(text)
        self.leave_out_ignored()
        draft.results, draft.paths, draft.lengths = self.sources.results, self.sources.paths, self.sources.lengths
        draft.addresses, draft.ambiguous = self.sources.addresses, self.sources.ambiguous
        draft.notes = {facts.note for facts in self.sources.facts.values() if facts.note}
        draft.request = {name: draft.request[name] for name in FIELD_ORDER if name in draft.request}
        return draft

    # --- frames ---------------------------------------------------------------------------------------------------

    def frames(self, settings: Mapping[str, tree.Setting]) -> None:
        for name, target in (("first_frame", "first_frame_image"), ("last_frame", "end_frame_image")):
            setting = settings.get(name)
            if setting is None:
                continue
            try:
                url = self.frame(setting.value)
            except Unevaluated as problem:
                self.problem(problem, target)
                continue
            if url is not None:
                self.put((target,), url, setting.value.span)
                self.draft.origins[("setting", target)] = setting.name.span
                if name == "first_frame":
                    self.check_ratio(url, setting.value.span)

    def frame(self, value: tree.Value) -> str | None:
        """The URL of a picture named by a source or by a tag; None for `none`."""
        if isinstance(value, tree.TagValue):
            return self.picture_of(value.text, value.span)
        if isinstance(value, tree.Text | tree.Template | tree.Word):
            found = evaluate(value, self.environment)
            if found.value is None:
                return None
            if isinstance(found.value, str) and is_tag(found.value):
                return self.picture_of(found.value, value.span)
        return self.sources.url(value, "image", self.environment, self.scope)

    def picture_of(self, tag: str, span: Span) -> str:
        """The one picture of an image asset."""
        asset = self.find(tag, span)
        self.draft.used.add(asset)
        sources = asset.declaration.sources
        if asset.keyword != "image":
            self.wrong_asset(asset, span, f"a frame is one picture, and {tag} is a {asset.keyword}", "an image")
        if len(sources) != 1:
            self.wrong_asset(
                asset, span, f"{tag} has {len(sources)} pictures, and a frame is one", "an image with one picture"
            )
        return self.asset_url(asset, sources[0], "image")

    def find(self, tag: str, span: Span) -> Asset:
        asset = self.scope.find_asset(tag)
        if asset is None:
            raise Unevaluated(self.unknown_tag(tag, span, None))
        return asset

    def wrong_asset(self, asset: Asset, span: Span, message: str, wanted: str) -> None:
        raise Unevaluated(
            Diagnostic(
                ASSET_KIND,
                message,
                span,
                help=f"name {wanted}, or write the file itself",
                related=(Related(asset.span, "declared here"),),
                subject=asset.tag,
            )
        )

    def asset_url(self, asset: Asset, source: tree.Value, wanted: MediaKind) -> str:
        environment = self.instance.environment_of(asset.scope)
        return self.sources.url(source, wanted, environment, asset.scope)

    def check_ratio(self, url: str, span: Span) -> None:
        facts = self.sources.facts.get(url)
        wanted = self.draft.request.get("aspect_ratio")
        if facts is None or not facts.width or not facts.height or wanted not in ASPECT_RATIOS:
            return
        if "aspect_ratio" not in self.inherited:
            return  # the contract warns that what the shot itself says is ignored
        wide, high = map(int, str(wanted).split(":"))
        if abs(facts.width / facts.height * high / wide - 1) > RATIO_TOLERANCE:
            self.report(
                PICTURE_RATIO,
                f"this picture is {facts.width} × {facts.height}, which is not {wanted}",
                span,
                help="the clip will have the picture's shape; crop the picture, or set another aspect_ratio",
                related=(Related(self.draft.origins["aspect_ratio",], "the ratio of the film"),),
                subject=url,
            )

    def seconds(self, value: tree.Value | None) -> int | float | None:
        if value is None:
            return None
        found = evaluate(value, self.environment)
        seconds = read_seconds(found)
        if isinstance(seconds, str):
            problem = self.unreadable("time", found, seconds)
            raise Unevaluated(with_cell(problem.diagnostic, value, self.environment))
        return seconds

    def keyframes(self) -> None:
        frames: list[dict[str, Any]] = []
        for statement in self.shot.keyframes:
            path: Path = ("mid_frame_images", len(frames))
            origins = self.draft.origins
            element: dict[str, Any] = {"tag": statement.tag.text}
            try:
                own = self.frame(statement.source) if statement.source is not None else None
                element["image_url"] = own or self.picture_of(statement.tag.text, statement.tag.span)
                at = self.seconds(statement.at)
            except Unevaluated as problem:
                self.problem(problem, "mid_frame_images")
                continue
            origins[path] = origins[(*path, "tag")] = statement.tag.span
            origins[(*path, "image_url")] = (statement.source or statement.tag).span
            if at is not None and statement.at is not None:
                element["time_stamp"] = at
                origins[(*path, "time_stamp")] = statement.at.span
                self.draft.written[(*path, "time_stamp")] = (statement.at, self.environment)
            frames.append(element)
        if frames:
            self.draft.request["mid_frame_images"] = frames
            origins[("mid_frame_images",)] = self.shot.keyframes[0].span

    def extends(self) -> None:
        videos: list[dict[str, Any]] = []
        for statement in self.shot.extends:
            path: Path = ("ref_videos", len(videos))
            try:
                if statement.source is not None:
                    url = self.sources.url(statement.source, "video", self.environment, self.scope)
                else:
                    url = self.clip_of(statement.tag)
            except Unevaluated as problem:
                self.problem(problem, "ref_videos")
                continue
            videos.append({"tag": statement.tag.text, "type": "extend", "video_url": url})
            origins = self.draft.origins
            origins[path] = origins[(*path, "tag")] = statement.tag.span
            origins[(*path, "video_url")] = (statement.source or statement.tag).span
            origins[("ref_videos",)] = statement.span
        if videos:
            self.draft.request["ref_videos"] = videos

    def clip_of(self, tag: tree.TagValue) -> str:
        asset = self.find(tag.text, tag.span)
        self.draft.used.add(asset)
        if asset.keyword != "video" or len(asset.declaration.sources) != 1:
            count = len(asset.declaration.sources)
            what = f"has {count} clips" if asset.keyword == "video" else f"is no video but {_article(asset.keyword)}"
            self.wrong_asset(asset, tag.span, f"one clip is extended, and {asset.tag} {what}", "a video of one clip")
        return self.asset_url(asset, asset.declaration.sources[0], "video")

    # --- mentions -------------------------------------------------------------------------------------------------

    def mentions(self, prompt: PromptText) -> None:
        """Binds every mentioned asset as a reference of its kind, in the order of first mention."""
        assets = self.scope.visible_assets()
        own = self.own_tags()
        found = find_mentions(prompt, assets.keys() | own)
        for tag, (start, end) in found.first.items():
            if tag not in own:
                self.bind(assets[tag], prompt.span_at(start, end))
        for asset, diagnostic in find_unmarked(self.draft, prompt, assets.values(), found.first):
            self.draft.used.add(asset)  # nobody need hear that nothing uses it
            self.draft.diagnostics.append(diagnostic)
        self.unknown_mentions(prompt, found)
        self.full_width_mentions(prompt, assets.keys() | own)

    def unknown_mentions(self, prompt: PromptText, found: Mentions) -> None:
        reported: set[str] = set()
        for text, start, end in found.unknown:
            use, expression = prompt.span_at(start, end), prompt.expression_at(start)
            origin = origin_of_tag(text, expression, self.scope, self.environment) if expression else None
            span = origin or use
            diagnostic = self.unknown_tag(text, span, span if span.text == text else None)
            if diagnostic is not None and text not in reported:
                reported.add(text)
                self.draft.failed.add("tags")
                if origin is not None:
                    self.add(replace(diagnostic, related=(Related(use, USED_HERE),)), None)
                else:
                    self.add(diagnostic, expression)

    def mentions_around_gaps(self, text: tree.Text) -> None:
        """A `{{ }}` that cannot be computed hides nothing else that is wrong in its text."""
        rendered, problems = evaluate_around_gaps(text, self.environment)
        for problem in problems:
            self.problem(problem, "prompt")
        prompt = compose(rendered, None)
        found = find_mentions(prompt, self.scope.visible_assets().keys() | self.own_tags())
        whole = [
            (tag, start, end)
            for tag, start, end in found.unknown
            if GAP not in prompt.text[max(0, start - 1) : end + 1]  # beside a gap it may be a part of another tag
        ]
        self.unknown_mentions(prompt, Mentions({}, tuple(whole)))

    def full_width_mentions(self, prompt: PromptText, tags: Collection[str]) -> None:
        """`＠Mika`: what an input method for Chinese or Japanese writes; it looks like a mention and is none."""
        if FULL_WIDTH_AT not in prompt.text:
            return
        scan = scan_tags(prompt.text.replace(FULL_WIDTH_AT, "@"), tags)
        for tag, start, end in scan.mentions:
            if prompt.text[start] == FULL_WIDTH_AT:
                span = prompt.span_at(start, end)
                edits = (Edit(Span(span.source, span.start, span.start + 1), "@"),)
                fix = Fix(f"write {tag}", edits) if span.text == prompt.text[start:end] else None
                written = prompt.text[start:end]
                message = f"`{written}` is written with a full-width ＠, so it mentions nothing"
                self.report(TAG_UNKNOWN, message, span, help=f"write {tag}", subject=written, fix=fix)

    def unknown_tag(self, tag: str, span: Span, fixable: Span | None) -> Diagnostic | None:
        if any(tag == word or tag.startswith(word) for word in self.damaged_words if word.startswith("@")):
            return None
        if UNREAD_FILE in self.damaged_words:
            return None
        tags = self.scope.visible_assets().keys() | self.own_tags()
        near = nearest(tag, tags)
        elsewhere = self.everywhere.get(tag)
        if self.scope.find_voice(tag) is not None:
            help = f'it has a voice, but no picture; declare one: image {tag} = "picture.jpg"'
        elif elsewhere is not None:
            help = f"it is declared in {elsewhere.scope.kind} {elsewhere.scope.name}; move the declaration up to use it here too"
        elif near is not None and normalize("NFC", near) == normalize("NFC", tag):
            help = f"it looks like {near}, but its accents are spelt with other characters; copy the tag from its declaration"
        elif near is not None:
            help = f"did you mean `{near}`?"
        else:
            help = f'declare it: image {tag} = "picture.jpg"; a plain @ is written @@'
        edit = None
        if near is not None and fixable is not None and elsewhere is None:
            shared = min(len(near), len(tag)) if not tag.isascii() and len(tag) > len(near) else len(tag)
            edit = Fix(
                f"write `{near}`",
                (Edit(Span(span.source, span.start, span.start + shared), near),),
                certain=near.lower() == tag.lower(),  # @Tom may well not be @Tim
            )
        return Diagnostic(
            TAG_UNKNOWN, f"`{tag}` is no asset here", span, help=help, subject=tag, fix=edit, shot=self.draft.name
        )

    def own_tags(self) -> set[str]:
        """The tags of the shot's own keyframes and extended clips."""
        return {keyframe.tag.text for keyframe in self.shot.keyframes} | {
            extend.tag.text for extend in self.shot.extends
        }

    def bind(self, asset: Asset, mention: Span) -> None:
        self.draft.used.add(asset)
        try:
            if asset.keyword == "video":
                self.bind_video(asset, mention)
            else:
                self.bind_image(asset, mention)
        except Unevaluated as problem:
            self.problem(problem, "ref_videos" if asset.keyword == "video" else "ref_images")

    def bind_image(self, asset: Asset, mention: Span) -> None:
        sources = asset.declaration.sources
        element: dict[str, Any] = {
            "tag": asset.tag,
            "type": asset.keyword,
            "image_urls": self.asset_urls(asset),
        }
        voice = self.scope.find_voice(asset.tag)
        if voice is not None:
            self.draft.used.add(voice)
            if len(voice.declaration.sources) != 1:
                message = f"{voice.tag} has {len(voice.declaration.sources)} voices"
                raise Unevaluated(Diagnostic(ASSET_KIND, message, voice.declaration.span, help="keep one of them"))
            element["audio_url"] = self.asset_url(voice, voice.declaration.sources[0], "audio")
        path = self.append("ref_images", element, asset, mention)
        for index, source in enumerate(sources):
            self.draft.origins[(*path, "image_urls", index)] = source.span
        self.draft.origins[(*path, "image_urls")] = sources[0].span.to(sources[-1].span)
        self.draft.origins[(*path, "type")] = asset.declaration.keyword_span
        if voice is not None:
            self.draft.origins[(*path, "audio_url")] = voice.declaration.sources[0].span

    def asset_urls(self, asset: Asset) -> list[str]:
        """The URLs of all pictures of an asset; every one that cannot be had is told."""
        urls: list[str] = []
        last: Unevaluated | None = None
        for source in asset.declaration.sources:
            try:
                urls.append(self.asset_url(asset, source, "image"))
            except Unevaluated as problem:
                if last is not None:
                    self.problem(last, "ref_images")
                last = problem
        if last is not None:
            raise last
        return urls

    def bind_video(self, asset: Asset, mention: Span) -> None:
        sources = asset.declaration.sources
        if len(sources) != 1:
            message = f"{asset.tag} has {len(sources)} clips"
            raise Unevaluated(
                Diagnostic(
                    ASSET_KIND, message, asset.declaration.span, help="a video is one clip; give each a tag of its own"
                )
            )
        element = {"tag": asset.tag, "type": "reference", "video_url": self.asset_url(asset, sources[0], "video")}
        path = self.append("ref_videos", element, asset, mention)
        self.draft.origins[(*path, "video_url")] = sources[0].span

    def append(self, name: str, element: dict[str, Any], asset: Asset, mention: Span) -> Path:
        elements: list[Any] = self.draft.request.setdefault(name, [])
        elements.append(element)
        path: Path = (name, len(elements) - 1)
        self.draft.origins[path] = self.draft.origins[(*path, "tag")] = asset.span
        self.draft.reference_mentions[path] = mention
        self.draft.origins.setdefault((name,), mention)
        return path

    # --- after the mode is known ------------------------------------------------------------------------------------

    def leave_out_ignored(self) -> None:
        """Inherited settings that the mode ignores are left out; what the shot itself says is sent, and the contract warns."""
        request = self.draft.request
        frames = any(name in request for name in ("first_frame_image", "end_frame_image", "mid_frame_images"))
        videos = request.get("ref_videos", [])
        if (frames or videos) and "aspect_ratio" in self.inherited:
            request.pop("aspect_ratio", None)
        if any(video["type"] == "reference" for video in videos) and "duration" in self.inherited:
            request.pop("duration", None)


def _article(keyword: str) -> str:
    return f"an {keyword}" if keyword == "image" else f"a {keyword}"
