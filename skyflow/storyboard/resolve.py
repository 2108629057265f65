"""Tree → storyboard: scopes are built, `use` is followed, every statement is put in its place or diagnosed. Nothing is evaluated."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeVar, assert_never, cast

from skyflow.diagnostics import Diagnostic, Edit, Fix, Related, Rule, did_you_mean, nearest
from skyflow.source import FileProblem, Files, FilesError, SourceFile, Span
from skyflow.storyboard import rules
from skyflow.storyboard.model import Asset, Group, Scope, Shot, Storyboard, Variable
from skyflow.storyboard.settings import FIELDS, IN_DEFAULTS, IN_SHOT, INSTEAD
from skyflow.syntax import parse, tree
from skyflow.syntax.rule import SYNTAX

# A chain of used files longer than this is a mistake, and each file costs a parse.
MAX_USED_FILES = 64

_Declared = TypeVar("_Declared", Variable, Asset)


@dataclass
class _Resolution:
    """What is gathered while the statements are walked."""

    files: Files
    diagnostics: list[Diagnostic] = field(default_factory=list)
    damaged_words: set[str] = field(default_factory=set)
    loaded: dict[str, Scope] = field(default_factory=dict)
    top_variables: list[Variable] = field(default_factory=list)
    title: str | None = None
    title_span: Span | None = None

    def report(
        self,
        rule: Rule,
        message: str,
        span: Span,
        *,
        label: str = "",
        help: str = "",
        related: tuple[Related, ...] = (),
        fix: Fix | None = None,
        subject: str = "",
        shot: str = "",
    ) -> None:
        self.diagnostics.append(
            Diagnostic(
                rule, message, span, label=label, help=help, related=related, fix=fix, subject=subject, shot=shot
            )
        )


def resolve(source: SourceFile, files: Files) -> tuple[Storyboard, list[Diagnostic]]:
    """The storyboard of a file and all that is wrong with its form and its names' places. Never raises for what a file holds."""
    file, syntax_diagnostics = parse(source)
    resolution = _Resolution(files, list(syntax_diagnostics), set(file.damaged_words))
    resolution.loaded[source.path] = Scope("used", source.path, None)
    scope = Scope("file", source.path, None)
    root = Group(None, scope, None)
    _resolve_used(file.statements, scope, (source.path,), resolution)
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
    )
    return storyboard, resolution.diagnostics


def _no_shot(source: SourceFile, scope: Scope) -> Diagnostic:
    """A file without shots is a mistake, unless it looks like one that others use: then that is only worth saying."""
    if scope.variables or scope.assets or scope.voices or scope.defaults:
        message = "this file has no shot: other storyboards can use it, but there is nothing in it to make"
        return Diagnostic(rules.SHOT_NONE, message, Span(source, 0, 0), severity_override="hint")
    help = 'write one: shot street { prompt = "A street at night." }'
    return Diagnostic(rules.SHOT_NONE, "this storyboard has no shot", Span(source, 0, 0), help=help)


# --- use ------------------------------------------------------------------------------------------------------------


def _resolve_used(statements: tuple[tree.Statement, ...], scope: Scope, trail: tuple[str, ...], r: _Resolution) -> None:
    """Gives `scope` one parent that holds what all its used files declare."""
    around = Scope("used", scope.name, None)
    came_from: dict[str, tuple[Scope, Span]] = {}
    for statement in statements:
        if isinstance(statement, tree.Use):
            used = _load_used(statement, trail, r)
            if used is not None:
                _merge_used(used, around, statement, came_from, r)
    scope.parent = around


def _merge_used(
    used: Scope, around: Scope, statement: tree.Use, came_from: dict[str, tuple[Scope, Span]], r: _Resolution
) -> None:
    """Two used files that declare one name: neither is nearer, so it is a mistake."""
    around.damaged = around.damaged or used.any_damage
    for inner in reversed(used.chain()):
        declared = (
            *((name, around.variables, variable) for name, variable in inner.variables.items()),
            *((tag, around.assets, asset) for tag, asset in inner.assets.items()),
            *((f"voice {tag}", around.voices, asset) for tag, asset in inner.voices.items()),
            *((f"defaults {name}", around.defaults, setting) for name, setting in inner.defaults.items()),
        )
        for name, names, value in declared:
            other, span = came_from.setdefault(name, (used, statement.span))
            if other is used:
                cast("dict[str, object]", names)[name.rsplit(" ", 1)[-1]] = value
            elif cast("dict[str, object]", names)[name.rsplit(" ", 1)[-1]] is not value:
                r.report(
                    rules.NAME_DUPLICATE,
                    f"`{name}` is declared in {other.name} and in {used.name}",
                    statement.path.span,
                    label=f"{used.name} declares `{name}`",
                    related=(Related(span, f"{other.name} declares it too"),),
                    help="declare it in one of them only",
                    subject=name,
                )


def _load_used(statement: tree.Use, trail: tuple[str, ...], r: _Resolution) -> Scope | None:
    reference = statement.path.plain
    if reference is None:
        r.report(SYNTAX, "the path of a used file cannot hold {{ }}", statement.path.span, help="write the path out")
        return None
    try:
        path = r.files.resolve(statement.span.source.path, reference)
        if path in trail:
            chain = " → ".join([*trail[trail.index(path) :], path])
            r.report(
                rules.USE_CYCLE,
                f"these files use each other in a circle: {chain}",
                statement.path.span,
                help="move what both need into a third file that uses neither",
            )
            return None
        if path in r.loaded:
            return r.loaded[path]
        if len(r.loaded) > MAX_USED_FILES:
            r.report(rules.USE_CONTENT, f"more than {MAX_USED_FILES} files are used", statement.path.span)
            return None
        source = r.files.read(path)
    except FilesError as error:
        r.diagnostics.append(file_diagnostic(error, statement.path.span, reference))
        return None
    file, diagnostics = parse(source)
    r.diagnostics.extend(diagnostics)
    r.damaged_words.update(file.damaged_words)
    scope = Scope("used", path, None)
    r.loaded[path] = scope
    _resolve_used(file.statements, scope, (*trail, path), r)
    for inner in file.statements:
        if isinstance(inner, tree.Title | tree.Block | tree.Keyframe | tree.Extend | tree.Setting):
            r.report(
                rules.USE_CONTENT,
                f"{path} is used by {trail[-1]}, but holds {_kind_of(inner)}",
                _head_of(inner),
                related=(Related(statement.span, "used here"),),
                help="a used file holds variables, assets and defaults only; move the rest into the storyboard",
            )
        else:
            _resolve_declaration(inner, scope, r)
    return scope


def file_diagnostic(error: FilesError, span: Span, written: str) -> Diagnostic:
    """What to say of a file that could not be had, at the place that names it."""
    if error.problem is FileProblem.OUTSIDE:
        return Diagnostic(
            rules.FILE_OUTSIDE,
            f"`{written}` lies outside the project folder",
            span,
            help="copy the file into the project and name it by a path relative to this file",
            subject=written,
        )
    detail = f" ({error.detail})" if error.detail else ""
    fix = None
    help = "paths are relative to the file they are written in"
    if error.problem is FileProblem.MISSING and error.nearest:
        help = f"did you mean `{error.nearest}`?"
    if error.problem is FileProblem.NOT_TEXT:
        help = "save it as UTF-8"
    return Diagnostic(
        rules.FILE_MISSING, f"`{written}` {error.problem.value}{detail}", span, help=help, subject=written, fix=fix
    )


# --- blocks ---------------------------------------------------------------------------------------------------------


def _resolve_group(statements: tuple[tree.Statement, ...], group: Group, r: _Resolution) -> None:
    for statement in statements:
        match statement:
            case tree.Block():
                _resolve_block(statement, group, r)
            case tree.Title():
                _resolve_title(statement, group, r)
            case tree.Use():
                if group.parent is not None:
                    _misplaced(statement, "at top level", r)
            case tree.Setting():
                _resolve_group_setting(statement, group, r)
            case tree.Keyframe() | tree.Extend():
                _misplaced(statement, "in a shot", r)
            case _:
                _resolve_declaration(statement, group.scope, r)


def _resolve_block(block: tree.Block, group: Group, r: _Resolution) -> None:
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
        group.children.append(inner)
        _resolve_group(block.statements, inner, r)
    else:
        shot = Shot(name, scope, group, block)
        group.children.append(shot)
        _resolve_shot(block.statements, shot, r)


def _resolve_shot(statements: tuple[tree.Statement, ...], shot: Shot, r: _Resolution) -> None:
    for statement in statements:
        match statement:
            case tree.Setting():
                _resolve_shot_setting(statement, shot, r)
            case tree.Keyframe():
                shot.keyframes.append(statement)
            case tree.Extend():
                shot.extends.append(statement)
            case tree.Title() | tree.Use():
                _misplaced(statement, "at top level", r)
            case tree.Block():
                _misplaced(statement, "at top level or in a scene, never in a shot", r)
            case _:
                _resolve_declaration(statement, shot.scope, r)


def _resolve_title(statement: tree.Title, group: Group, r: _Resolution) -> None:
    if group.parent is not None:
        _misplaced(statement, "at top level", r)
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
    else:
        r.title, r.title_span = statement.title.plain, statement.span


def _resolve_declaration(
    statement: tree.Var | tree.Asset | tree.Defaults | tree.Damaged | tree.Use, scope: Scope, r: _Resolution
) -> None:
    match statement:
        case tree.Var():
            _declare_variable(statement, scope, r)
        case tree.Asset():
            _declare_asset(statement, scope, r)
        case tree.Defaults():
            _declare_defaults(statement, scope, r)
        case tree.Damaged():
            scope.damaged = True
        case tree.Use():
            pass  # followed before, in _resolve_used
        case _:
            assert_never(statement)


def _declare_variable(statement: tree.Var, scope: Scope, r: _Resolution) -> None:
    name = statement.name
    variable = Variable(name.text, statement)
    if not _declare(scope.variables, name.text, variable, name.span, r):
        return
    if "-" in name.text or "." in name.text:
        mended = name.text.replace("-", "_").replace(".", "_")
        r.report(
            SYNTAX,
            f"the name of a variable cannot hold `-` or `.`: `{name.text}`",
            name.span,
            help=f"in `{{{{ }}}}` these are minus and column; write `{mended}`",
        )
    if scope.kind in ("used", "file"):
        r.top_variables.append(variable)
    elif variable.is_axis:
        r.report(
            SYNTAX,
            f"`{name.text}` has alternatives, but stands in a {scope.kind}",
            statement.span,
            help="alternatives make another film each, so they stand at top level; "
            f"for several clips in one film write `{scope.kind} {scope.name} for {name.text} in […] {{ … }}`",
        )
    elif variable.must_be_given:
        r.report(SYNTAX, f"`{name.text}` has no value", statement.span, help="only top-level variables can be given")


def _declare_asset(statement: tree.Asset, scope: Scope, r: _Resolution) -> None:
    asset = Asset(statement.tag.text, statement.keyword, statement, scope)
    names = scope.voices if statement.keyword == "voice" else scope.assets
    _declare(names, asset.tag, asset, asset.span, r)


def _declare(names: dict[str, _Declared], name: str, declared: _Declared, span: Span, r: _Resolution) -> bool:
    first = names.get(name)
    if first is None:
        names[name] = declared
        return True
    r.report(
        rules.NAME_DUPLICATE,
        f"`{name}` is declared twice in this block",
        span,
        label="the second declaration",
        related=(Related(first.span, "the first declaration"),),
        help="keep one of them, or give one another name",
        subject=name,
    )
    return False


def _declare_defaults(statement: tree.Defaults, scope: Scope, r: _Resolution) -> None:
    if scope.defaults_span is not None:
        r.report(
            rules.NAME_DUPLICATE,
            "this block has two `defaults`",
            statement.keyword_span,
            related=(Related(scope.defaults_span, "the first one"),),
            help="move all settings into one of them",
        )
    scope.defaults_span = scope.defaults_span or statement.keyword_span
    for inner in statement.statements:
        if isinstance(inner, tree.Damaged):
            scope.damaged = True
        elif not isinstance(inner, tree.Setting):
            r.report(
                SYNTAX,
                f"`defaults` cannot hold {_kind_of(inner)}",
                _head_of(inner),
                help=f"it holds {_listed(IN_DEFAULTS)}",
            )
        elif inner.name.text not in IN_DEFAULTS:
            _unknown_setting(inner, IN_DEFAULTS, "in `defaults`", r)
        else:
            _take_setting(inner, scope.defaults, r)


# --- settings -------------------------------------------------------------------------------------------------------


def _resolve_shot_setting(statement: tree.Setting, shot: Shot, r: _Resolution) -> None:
    name = statement.name.text
    if name not in IN_SHOT:
        _unknown_setting(statement, IN_SHOT, "in a shot", r, shot=shot.name.text)
        return
    _take_setting(statement, shot.settings, r)
    if name == "when":
        shot.scope.when = shot.scope.when or statement


def _resolve_group_setting(statement: tree.Setting, group: Group, r: _Resolution) -> None:
    name = statement.name.text
    if name == "when":
        whens = {"when": group.scope.when} if group.scope.when is not None else {}
        _take_setting(statement, whens, r)
        group.scope.when = whens.get("when")
    elif name in IN_DEFAULTS:
        r.report(
            SYNTAX,
            f"`{name}` stands outside a shot",
            statement.name.span,
            help=f"for one shot write it in the shot; for all shots here write `defaults {{ {name} = … }}`",
        )
    elif name in IN_SHOT:
        r.report(SYNTAX, f"`{name}` stands outside a shot", statement.name.span, help="write it in a shot")
    else:
        _unknown_setting(statement, IN_SHOT, "in a storyboard", r)


def _take_setting(statement: tree.Setting, settings: dict[str, tree.Setting], r: _Resolution) -> None:
    """Keeps the first setting of a name; judges what can be judged without a value."""
    name = statement.name.text
    first = settings.get(name)
    if first is not None:
        r.report(
            rules.NAME_DUPLICATE,
            f"`{name}` is set twice in this block",
            statement.name.span,
            label="the second time",
            related=(Related(first.name.span, "the first time"),),
            help="keep one of them",
            subject=name,
        )
        return
    settings[name] = statement
    if len(statement.values) > 1:
        _too_many_values(statement, r)
        settings[name] = replace(statement, values=statement.values[:1], separator="")


def _too_many_values(statement: tree.Setting, r: _Resolution) -> None:
    name = statement.name.text
    rest = statement.values[0].span.to(statement.values[-1].span)
    if statement.separator == "|":
        variable = name if name not in FIELDS else f"my_{name}"
        help = f"alternatives belong to a variable: `var {variable} = {rest.text}` at top level, and here `{name} = {{{{ {variable} }}}}`"
    else:
        help = "keep one value"
    r.report(SYNTAX, f"`{name}` takes one value", rest, help=help)


def _unknown_setting(
    statement: tree.Setting, known: tuple[str, ...], where: str, r: _Resolution, *, shot: str = ""
) -> None:
    name = statement.name.text
    fix = None
    if name in INSTEAD:
        help = INSTEAD[name]
        if name in ("end_frame", "first_frame_image", "end_frame_image"):
            right = "first_frame" if name == "first_frame_image" else "last_frame"
            fix = Fix(f"write `{right}`", (Edit(statement.name.span, right),))
    elif name in IN_SHOT and known is IN_DEFAULTS:
        help = f"`{name}` belongs to one shot; `defaults` holds {_listed(known)}"
    else:
        help = did_you_mean(name, known) or f"known {where} are {_listed(known)}"
        if found := nearest(name, known):
            fix = Fix(f"write `{found}`", (Edit(statement.name.span, found),))
    r.report(
        rules.NAME_UNKNOWN,
        f"there is no setting `{name}` {where}",
        statement.name.span,
        help=help,
        fix=fix,
        subject=name,
        shot=shot,
    )


def _misplaced(statement: tree.Statement, where: str, r: _Resolution) -> None:
    r.report(SYNTAX, f"{_kind_of(statement)} stands in the wrong place", _head_of(statement), help=f"it stands {where}")


def _kind_of(statement: tree.Statement) -> str:
    match statement:
        case tree.Title():
            return "a title"
        case tree.Use():
            return "`use`"
        case tree.Var():
            return "a variable"
        case tree.Asset():
            return f"an asset ({statement.keyword})"
        case tree.Setting():
            return f"the setting `{statement.name.text}`"
        case tree.Keyframe():
            return "a keyframe"
        case tree.Extend():
            return "`extend`"
        case tree.Defaults():
            return "`defaults`"
        case tree.Block():
            return f"a {statement.keyword}"
        case tree.Damaged():
            return "an unreadable statement"
        case _:
            assert_never(statement)


def _head_of(statement: tree.Statement) -> Span:
    match statement:
        case tree.Block():
            return statement.header
        case tree.Defaults():
            return statement.keyword_span
        case _:
            return statement.span


def _listed(words: tuple[str, ...]) -> str:
    quoted = [f"`{word}`" for word in words]
    return ", ".join(quoted[:-1]) + f" and {quoted[-1]}"
