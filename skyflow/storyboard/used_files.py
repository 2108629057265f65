"""`use`: the declarations of other files, put around those of the file that uses them."""

from __future__ import annotations

from typing import cast

from skyflow.diagnostics import Diagnostic, Related, Rule
from skyflow.source import FileProblem, FilesError, Span
from skyflow.storyboard import rules
from skyflow.storyboard.declarations import resolve_declaration
from skyflow.storyboard.model import UNREAD_FILE, Scope
from skyflow.storyboard.resolution import Resolution, head_of, kind_of
from skyflow.syntax import parse, tree
from skyflow.syntax.rule import SYNTAX

# A chain of used files longer than this is a mistake, and each file costs a parse.
MAX_USED_FILES = 64


def resolve_used(statements: tuple[tree.Statement, ...], scope: Scope, trail: tuple[str, ...], r: Resolution) -> None:
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
    used: Scope, around: Scope, statement: tree.Use, came_from: dict[str, tuple[Scope, Span]], r: Resolution
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
                what, _, setting = name.rpartition(" ")
                shown = f"the default `{setting}`" if what == "defaults" else f"{what} {setting}".strip()
                r.report(
                    rules.NAME_DUPLICATE,
                    f"{used.name} declares {shown}, and so does {other.name}",
                    statement.path.span,
                    related=(Related(span, "the other one"),),
                    help="declare it in one of them only",
                    subject=name,
                )


def _load_used(statement: tree.Use, trail: tuple[str, ...], r: Resolution) -> Scope | None:
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
        r.damaged_words.add(UNREAD_FILE)
        return None
    file, diagnostics = parse(source)
    r.diagnostics.extend(diagnostics)
    r.damaged_words.update(file.damaged_words)
    scope = Scope("used", path, None)
    r.loaded[path] = scope
    r.trees[path] = file
    resolve_used(file.statements, scope, (*trail, path), r)
    others: list[tree.Statement] = []
    for inner in file.statements:
        if isinstance(inner, tree.Title | tree.Block | tree.Keyframe | tree.Extend | tree.Setting):
            others.append(inner)
        else:
            resolve_declaration(inner, scope, r)
    if others:
        _report_content(path, others, statement, r)
    return scope


def _report_content(path: str, others: list[tree.Statement], statement: tree.Use, r: Resolution) -> None:
    """A used file that holds more than it may: one mistake, with all its places."""
    kinds = list(dict.fromkeys(kind_of(other) for other in others))
    held = kinds[0] if len(kinds) == 1 else f"{', '.join(kinds[:-1])} and {kinds[-1]}"
    places = [Related(head_of(other), "and this") for other in others[1:6]]
    r.report(
        rules.USE_CONTENT,
        f"{path} holds {held}, so no other file can use it",
        head_of(others[0]),
        related=(*places, Related(statement.span, "used here")),
        help="a used file holds variables, assets and defaults only; move the rest into a storyboard of its own",
    )


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
    message = f"`{written}` {error.problem.value}{detail}"
    help = file_help(error)
    if written.lower().startswith("www."):
        help = f"an address starts with its protocol: https://{written}"
    return Diagnostic(file_rule(error), message, span, help=help, subject=written)


def file_rule(error: FilesError) -> Rule:
    """The rule that a file breaks that could not be had."""
    others = {FileProblem.OUTSIDE: rules.FILE_OUTSIDE, FileProblem.NOT_TEXT: rules.FILE_TYPE}
    return others.get(error.problem, rules.FILE_MISSING)


def file_help(error: FilesError) -> str:
    """What to do about a file that could not be had."""
    if error.problem is FileProblem.MISSING and error.nearest:
        return f"did you mean `{error.nearest}`?"
    if error.problem is FileProblem.NOT_TEXT and error.path.lower().endswith(".csv"):
        return "save it as UTF-8: Excel calls it “CSV UTF-8” at “Save as…”"
    return {
        FileProblem.MISSING: "put it there, or mend the path; a path starts from the folder of the file it is written in",
        FileProblem.FOLDER: "name a file in it",
        FileProblem.NOT_TEXT: "save it as UTF-8: editors ask for the encoding at “Save as…”, Word where it saves plain text",
        FileProblem.TOO_LARGE: "use a smaller file",
        FileProblem.UNREADABLE: "check the path, and whether you may read the file",
    }.get(error.problem, "paths are relative to the file they are written in")
