"""Tree → storyboard: scopes are built, `use` is followed, every statement is put in its place or diagnosed. Nothing is evaluated."""

from __future__ import annotations

from skyflow.diagnostics import Diagnostic, Related
from skyflow.source import Files, SourceFile, Span
from skyflow.storyboard import rules
from skyflow.storyboard.declarations import resolve_declaration, resolve_group_setting, resolve_shot_setting
from skyflow.storyboard.model import Group, Scope, Shot, Storyboard
from skyflow.storyboard.resolution import Resolution, misplaced
from skyflow.storyboard.used_files import resolve_used
from skyflow.syntax import parse, tree
from skyflow.syntax.rule import SYNTAX

TOP_LEVEL = "at the top level of the file, outside of scenes and shots"


def resolve(source: SourceFile, files: Files) -> tuple[Storyboard, list[Diagnostic]]:
    """The storyboard of a file and all that is wrong with its form and its names' places. Never raises for what a file holds."""
    file, syntax_diagnostics = parse(source)
    resolution = Resolution(files, list(syntax_diagnostics), set(file.damaged_words))
    resolution.loaded[source.path] = Scope("used", source.path, None)
    resolution.trees[source.path] = file
    scope = Scope("file", source.path, None)
    root = Group(None, scope, None)
    resolve_used(file.statements, scope, (source.path,), resolution)
    _resolve_group(file.statements, root, resolution)
    for order, shot in enumerate(root.shots()):
        shot.order = order
    if not root.shots() and not resolution.diagnostics:
        resolution.diagnostics.append(_no_shot(source, scope))
    visible = scope.visible_variables()
    stem = source.path.rsplit("/", 1)[-1].removesuffix(".sky")
    storyboard = Storyboard(
        source.path,
        resolution.title if resolution.title is not None else stem,
        root,
        tuple(variable for variable in resolution.top_variables if visible.get(variable.name) is variable),
        frozenset(resolution.damaged_words),
        tuple(path for path in resolution.loaded if path != source.path),
        resolution.trees,
    )
    return storyboard, resolution.diagnostics


def _no_shot(source: SourceFile, scope: Scope) -> Diagnostic:
    """A file without shots is a mistake, unless it looks like one that others use: then that is only worth saying."""
    if scope.variables or scope.assets or scope.voices or scope.defaults:
        message = "this file has no shot: other storyboards can use it, but there is nothing in it to make"
        help = "check the storyboards that use it"
        return Diagnostic(rules.SHOT_NONE, message, Span(source, 0, 0), help=help, severity_override="hint")
    help = 'write one: shot street { prompt = "A street at night." }'
    return Diagnostic(rules.SHOT_NONE, "this storyboard has no shot", Span(source, 0, 0), help=help)


def _resolve_group(statements: tuple[tree.Statement, ...], group: Group, r: Resolution) -> None:
    for statement in statements:
        match statement:
            case tree.Block():
                _resolve_block(statement, group, r)
            case tree.Title():
                _resolve_title(statement, group, r)
            case tree.Use():
                if group.parent is not None:
                    misplaced(statement, TOP_LEVEL, r)
            case tree.Setting():
                resolve_group_setting(statement, group, r)
            case tree.Keyframe() | tree.Extend():
                misplaced(statement, "in the shot whose clip it is for", r)
            case _:
                resolve_declaration(statement, group.scope, r)


def _resolve_block(block: tree.Block, group: Group, r: Resolution) -> None:
    name = block.name
    if (first := group.child(name.text)) is not None and first.name is not None:
        r.report(
            rules.NAME_DUPLICATE,
            f"`{name.text}` is the name of another shot or scene here",
            name.span,
            label="the second one",
            related=(Related(first.name.span, "the first one"),),
            help="give one of them another name",
            subject=name.text,
        )
    if "." in name.text:
        r.report(SYNTAX, f"a name cannot hold a dot: `{name.text}`", name.span, help="use `-` or `_` instead")
    scope = Scope(block.keyword, name.text, group.scope, loop=block.loop)
    if block.keyword == "scene":
        inner = Group(name, scope, group)
        group.add(name.text, inner)
        _resolve_group(block.statements, inner, r)
    else:
        shot = Shot(name, scope, group, block)
        group.add(name.text, shot)
        _resolve_shot(block.statements, shot, r)


def _resolve_shot(statements: tuple[tree.Statement, ...], shot: Shot, r: Resolution) -> None:
    for statement in statements:
        match statement:
            case tree.Setting():
                resolve_shot_setting(statement, shot, r)
            case tree.Keyframe():
                shot.keyframes.append(statement)
            case tree.Extend():
                shot.extends.append(statement)
            case tree.Title() | tree.Use():
                misplaced(statement, TOP_LEVEL, r)
            case tree.Block():
                misplaced(statement, "in the file or in a scene, never in a shot", r)
            case _:
                resolve_declaration(statement, shot.scope, r)


def _resolve_title(statement: tree.Title, group: Group, r: Resolution) -> None:
    if group.parent is not None:
        misplaced(statement, TOP_LEVEL, r)
    elif r.title_span is not None:
        r.report(
            rules.NAME_DUPLICATE,
            "this storyboard has two titles",
            statement.span,
            related=(Related(r.title_span, "the first title"),),
            help="keep one of them",
        )
    elif statement.title.plain is None:
        r.report(SYNTAX, "a title cannot hold {{ }}", statement.title.span, help="write the title out")
    elif not statement.title.plain.strip():
        r.report(
            SYNTAX,
            "the title is empty",
            statement.title.span,
            help="write one, or remove the line: then it is the file's name",
        )
    else:
        r.title, r.title_span = statement.title.plain, statement.span
