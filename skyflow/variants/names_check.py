"""Every name in every expression is looked up before anything is computed: unknown variables and columns, unused variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field

from skyflow.diagnostics import Diagnostic, Edit, Fix, Related, did_you_mean, nearest
from skyflow.diagnostics.suggest import is_slip
from skyflow.source import Span
from skyflow.storyboard import UNREAD_FILE, Asset, Group, Scope, Shot, Storyboard, Variable
from skyflow.storyboard.rules import NAME_UNKNOWN, NAME_UNUSED
from skyflow.storyboard.settings import EXPRESSION_WORDS
from skyflow.syntax import tree
from skyflow.variants.evaluate import expression_diagnostic, expressions_in
from skyflow.variants.expression_text import ExpressionProblem
from skyflow.variants.expressions import Access, compile_expression
from skyflow.variants.rules import VALUE_TYPE
from skyflow.variants.tables import Table
from skyflow.variants.unmarked import find_unmarked_variables

MAX_SHOWN = 60  # characters of a name; a message fits a line

WITHOUT_BRACES = "without braces"  # the subject of such a mistake: whatever else is said of the word follows from it
_WORDS_OF_SETTINGS = frozenset({"true", "false", "none", "fast", "std"})

# What is known of a name before anything is computed: its columns, () for plain values, None where it may be either.
Columns = tuple[str, ...] | None

OBJECTS: Mapping[str, tuple[str, ...]] = {
    "storyboard": ("title",),
    "variant": ("name",),
    "scene": ("name",),
    "shot": ("name",),
}


@dataclass
class _Check:
    storyboard: Storyboard
    tables: Mapping[str, Table]
    diagnostics: list[Diagnostic] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    """The ids of the variables that some expression names."""
    dynamic: set[str] = field(default_factory=set)
    """Names in `defaults`: each shot gives them its own values, so every variable of such a name is used."""
    unmarked: list[Diagnostic] = field(default_factory=list)


def check_names(storyboard: Storyboard, tables: Mapping[str, Table]) -> list[Diagnostic]:
    """All unknown names and columns, and all variables that nothing names. `tables` by the text that names them and its file."""
    check = _Check(storyboard, tables)
    top = storyboard.root.scope
    seen: set[int] = set()
    for scope in reversed(top.chain()):
        _check_variables(scope, check)
        _check_assets(scope, check, seen)
    _check_used_assets(top, check, seen)
    _check_group(storyboard.root, check, seen)
    _report_unused(storyboard, check)
    return check.diagnostics + check.unmarked


def table_key(text: tree.Text) -> str:
    """Tables are kept by the file that names them and the path written there."""
    return f"{text.span.source.path}\0{text.plain or ''}"


# --- walking --------------------------------------------------------------------------------------------------------


def _check_group(group: Group, check: _Check, seen: set[int]) -> None:
    _check_scope(group.scope, check, seen)
    for child in group.children:
        if isinstance(child, Group):
            _check_group(child, check, seen)
        else:
            _check_shot(child, check, seen)


def _check_scope(scope: Scope, check: _Check, seen: set[int]) -> None:
    if scope.kind in ("scene", "shot"):
        if scope.loop is not None and scope.parent is not None:
            _check_values([scope.loop.items], scope.parent, check)
        _check_variables(scope, check)
        _check_assets(scope, check, seen)
    if scope.when is not None:
        _check_values([scope.when.value], scope, check)
    _check_values([setting.value for setting in scope.defaults.values()], scope, check, objects=("scene", "shot"))
    _check_text(scope.defaults.get("look"), scope, check)


def _check_shot(shot: Shot, check: _Check, seen: set[int]) -> None:
    _check_scope(shot.scope, check, seen)
    _check_values([setting.value for name, setting in shot.settings.items() if name != "when"], shot.scope, check)
    for name in ("prompt", "look"):
        _check_text(shot.settings.get(name), shot.scope, check)
    for keyframe in shot.keyframes:
        _check_values([keyframe.source, keyframe.at], shot.scope, check)
    _check_values([extend.source for extend in shot.extends], shot.scope, check)


def _check_variables(scope: Scope, check: _Check) -> None:
    below = set(scope.variables)
    for name, variable in scope.variables.items():
        _check_values(variable.declaration.values, scope, check, hidden=below, axis=variable.is_axis, words=True)
        below.remove(name)


def _check_assets(scope: Scope, check: _Check, seen: set[int]) -> None:
    for asset in (*scope.assets.values(), *scope.voices.values()):
        _check_asset(asset, check, seen)


def _check_used_assets(scope: Scope, check: _Check, seen: set[int]) -> None:
    for used in scope.chain()[1:]:
        for setting in used.defaults.values():
            _check_values([setting.value], used, check, objects=("scene", "shot"))
        _check_text(used.defaults.get("look"), used, check)


def _check_asset(asset: Asset, check: _Check, seen: set[int]) -> None:
    if id(asset) not in seen:
        seen.add(id(asset))
        _check_values(asset.declaration.sources, asset.scope, check)


def _check_values(
    values: Iterable[tree.Value | None],
    scope: Scope,
    check: _Check,
    *,
    hidden: Set[str] = frozenset(),
    axis: bool = False,
    objects: tuple[str, ...] = (),
    words: bool = False,
) -> None:
    """Checks what the expressions of `values` name. `words`: a bare word is a text here, whatever else has its name."""
    values = list(values)
    if not words:
        _check_words(values, scope, check)
    expressions = [expression for value in values for expression in expressions_in(value)]
    kinds = {inner.kind for inner in scope.chain()}
    known_objects = {"storyboard", *(() if axis else ("variant",)), *kinds.intersection(("scene", "shot")), *objects}
    for expression in expressions:
        compiled = compile_expression(expression.text)
        if isinstance(compiled, ExpressionProblem):
            check.diagnostics.append(expression_diagnostic(compiled, expression))
            continue
        if objects:
            check.dynamic.update(compiled.names)
        for access in compiled.accesses:
            _check_access(access, expression, scope, hidden, known_objects, check)


def _check_words(values: Iterable[tree.Value | None], scope: Scope, check: _Check) -> None:
    """Tells the words that are names of variables: `duration = length` instead of `duration = {{ length }}`."""
    for value in values:
        found = _find(value.text, scope, frozenset()) if isinstance(value, tree.Word) else None
        if found is None or not isinstance(value, tree.Word) or value.text in _WORDS_OF_SETTINGS:
            continue
        if not isinstance(found, tree.Loop):
            check.used.add(id(found))
        better = f"{{{{ {value.text} }}}}"
        fix = Fix(f"write {better}", (Edit(value.span, better),))
        message = f"`{value.text}` is a variable, and its value stands between braces"
        check.diagnostics.append(
            Diagnostic(VALUE_TYPE, message, value.span, help=f"write {better}", fix=fix, subject=WITHOUT_BRACES)
        )


def _check_text(setting: tree.Setting | None, scope: Scope, check: _Check) -> None:
    """Tells the variables that a prompt or look names without `{{ }}`; nobody need hear then that nothing uses them."""
    if setting is None or not isinstance(setting.value, tree.Text):
        return

    def has_columns(name: str) -> bool | None:
        found = _find(name, scope, frozenset())
        if found is None:
            return None
        return (_loop_columns(found, check) if isinstance(found, tree.Loop) else _variable_columns(found, check)) != ()

    for name, diagnostic in find_unmarked_variables(setting.value, has_columns):
        check.unmarked.append(diagnostic)
        found = _find(name, scope, frozenset())
        if isinstance(found, Variable):
            check.used.add(id(found))


def _check_access(
    access: Access, expression: tree.Expression, scope: Scope, hidden: Set[str], objects: set[str], check: _Check
) -> None:
    source, start = expression.span.source, expression.start
    column = Span(source, start + access.column_start, start + access.column_end)
    found = _find(access.name, scope, hidden)
    if found is None and access.name in objects:
        _check_column(access, OBJECTS[access.name], column, check)
    elif found is None:
        word = Span(source, start + access.start, start + access.end)
        _unknown_name(access, word, scope, hidden, objects, check)
    elif isinstance(found, tree.Loop):
        _check_column(access, _loop_columns(found, check), column, check)
    else:
        check.used.add(id(found))
        _check_column(access, _variable_columns(found, check), column, check)


def _find(name: str, scope: Scope, hidden: Set[str]) -> Variable | tree.Loop | None:
    """The nearest declaration; `hidden` are names of `scope` itself that stand below."""
    for inner in scope.chain():
        if name in inner.variables and not (inner is scope and name in hidden):
            return inner.variables[name]
        if inner.loop is not None and inner.loop.variable.text == name:
            return inner.loop
    return None


def _variable_columns(variable: Variable, check: _Check) -> Columns:
    table = variable.declaration.table
    if table is not None:
        found = check.tables.get(table_key(table))
        return found.columns if found is not None and found.columns else None
    values = variable.declaration.values
    plain = all(isinstance(value, tree.Text | tree.Number | tree.Quantity | tree.Ratio | tree.Word) for value in values)
    return () if plain else None


def _loop_columns(loop: tree.Loop, check: _Check) -> Columns:
    if loop.table is None:
        return None if isinstance(loop.items, tree.Template) else ()
    found = check.tables.get(table_key(loop.table))
    return found.columns if found is not None and found.columns else None


# --- reporting ------------------------------------------------------------------------------------------------------


def _check_column(access: Access, columns: Columns, span: Span, check: _Check) -> None:
    if access.column is None or columns is None or access.column in columns:
        return
    if not columns:
        message, help = f"`{access.name}` is no row: it has no column `{access.column}`", f"write `{access.name}` alone"
    else:
        message = f"`{access.name}` has no column `{access.column}`"
        help = did_you_mean(access.column, columns) or f"its columns are {', '.join(columns)}"
    check.diagnostics.append(Diagnostic(NAME_UNKNOWN, message, span, help=help, subject=access.column))


def _unknown_name(access: Access, word: Span, scope: Scope, hidden: Set[str], objects: set[str], check: _Check) -> None:
    name = access.name
    if name in check.storyboard.damaged_words or UNREAD_FILE in check.storyboard.damaged_words:
        return
    if name in hidden and name in scope.variables:
        check.used.add(id(scope.variables[name]))
        check.diagnostics.append(_declared_below(scope.variables[name], word))
        return
    shown = name if len(name) <= MAX_SHOWN else f"{name[:MAX_SHOWN]}…"
    known = {*scope.visible_variables(), *objects} - hidden
    known.update(inner.loop.variable.text for inner in scope.chain() if inner.loop is not None)
    found = nearest(name, known)
    listed = f"known here are {', '.join(sorted(known - set(OBJECTS)))}" if known - set(OBJECTS) else ""
    help = f"did you mean `{found}`?" if found else listed or f'declare it: var {shown} = "…"'
    fix = Fix(f"write `{found}`", (Edit(word, found),), is_slip(name, known)) if found else None
    check.diagnostics.append(
        Diagnostic(NAME_UNKNOWN, f"there is no variable `{shown}` here", word, help=help, fix=fix, subject=name)
    )


def _declared_below(variable: Variable, word: Span) -> Diagnostic:
    whole = variable.declaration.span
    itself = whole.source is word.source and whole.start <= word.start < whole.end
    message, help = (
        f"`{variable.name}` is declared further down",
        "a variable may use those above it; move its declaration up",
    )
    if itself:
        message, help = f"`{variable.name}` cannot be made of itself", "call one of the two by another name"
    related = () if itself else (Related(variable.span, "declared here"),)
    return Diagnostic(NAME_UNKNOWN, message, word, help=help, related=related, subject=variable.name)


def _report_unused(storyboard: Storyboard, check: _Check) -> None:
    if storyboard.damaged_words or not storyboard.shots or check.diagnostics:
        return  # the use may stand in what a syntax error dropped, in a misspelt name, or in the storyboards that use this file
    for scope in _own_scopes(storyboard.root):
        for variable in scope.variables.values():
            told = variable.name in EXPRESSION_WORDS  # nothing can use a variable of such a name
            if id(variable) not in check.used and variable.name not in check.dynamic and not told:
                check.diagnostics.append(_unused(variable, storyboard))


def _unused(variable: Variable, storyboard: Storyboard) -> Diagnostic:
    """A variable that nothing uses; where a text names it as another language would, that is the place to mend."""
    name = re.escape(variable.name)
    written_elsewhere = re.compile(
        rf"\$\{{{name}\}}|\${name}\b|(?<!\{{)\{{[ ]?{name}[ ]?\}}(?!\}})|%\(?{name}\)?[s%]|\[{name}\]|<{name}>"
    )
    meant = f"{{{{ {variable.name} }}}}"
    places = [place for text in _texts(storyboard) for place in _places(written_elsewhere, text)]
    edits = tuple(Edit(place, meant) for place in places)
    return Diagnostic(
        NAME_UNUSED,
        f"nothing uses the variable `{variable.name}`",
        variable.span,
        help=f"write {meant} {'there' if places else 'where it is meant'}, or remove it",
        related=tuple(Related(place, f"`{place.text}` is plain text") for place in places[:1]),
        fix=Fix(f"write {meant}", edits, certain=False) if edits else None,
        subject=variable.name,
    )


def _texts(storyboard: Storyboard) -> Iterator[Span]:
    """The settings of all shots, and what is set for them by default."""
    for shot in storyboard.shots:
        yield from (setting.value.span for name, setting in shot.settings.items() if name != "note")
    for scope in _own_scopes(storyboard.root):
        yield from (setting.value.span for setting in scope.defaults.values())


def _places(pattern: re.Pattern[str], text: Span) -> Iterator[Span]:
    for found in pattern.finditer(text.source.text, text.start, text.end):
        yield Span(text.source, found.start(), found.end())


def _own_scopes(group: Group) -> list[Scope]:
    scopes = [group.scope]
    for child in group.children:
        scopes.extend(_own_scopes(child) if isinstance(child, Group) else [child.scope])
    return scopes
