"""Declarations (variables, assets, defaults) and settings: each into its scope, or diagnosed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeVar, assert_never

from skyflow.diagnostics import Edit, Fix, Related, did_you_mean, nearest
from skyflow.diagnostics.suggest import is_slip
from skyflow.source import Span
from skyflow.storyboard import rules
from skyflow.storyboard.model import Asset, Group, Scope, Shot, Variable
from skyflow.storyboard.resolution import Resolution, head_of, kind_of, listed
from skyflow.storyboard.settings import EXPRESSION_WORDS, FIELDS, GOES_ON, IN_DEFAULTS, IN_SHOT, INSTEAD, OWN_NAMES
from skyflow.syntax import tree
from skyflow.syntax.rule import SYNTAX

_Declared = TypeVar("_Declared", Variable, Asset)


def resolve_declaration(
    statement: tree.Var | tree.Asset | tree.Defaults | tree.Damaged | tree.Use, scope: Scope, r: Resolution
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
            pass  # followed before, in resolve_used
        case _:
            assert_never(statement)


def _declare_variable(statement: tree.Var, scope: Scope, r: Resolution) -> None:
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
    elif name.text in EXPRESSION_WORDS:
        message = f"`{name.text}` cannot be the name of a variable: it means something of its own in `{{{{ }}}}`"
        r.report(SYNTAX, message, name.span, help="give it another name")
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
        help = "write its value; only what stands outside of scenes and shots can be given from outside"
        r.report(SYNTAX, f"`{name.text}` has no value", statement.span, help=help)


def _declare_asset(statement: tree.Asset, scope: Scope, r: Resolution) -> None:
    asset = Asset(statement.tag.text, statement.keyword, statement, scope)
    names = scope.voices if statement.keyword == "voice" else scope.assets
    _declare(names, asset.tag, asset, asset.span, r)


def _declare(names: dict[str, _Declared], name: str, declared: _Declared, span: Span, r: Resolution) -> bool:
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


def _declare_defaults(statement: tree.Defaults, scope: Scope, r: Resolution) -> None:
    again = scope.defaults_span is not None
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
                f"`defaults` cannot hold {kind_of(inner)}",
                head_of(inner),
                help=f"it holds {listed(IN_DEFAULTS)}",
            )
        elif inner.name.text not in IN_DEFAULTS:
            unknown_setting(inner, IN_DEFAULTS, "in `defaults`", r)
        else:
            take_setting(inner, scope.defaults, r, told=again)


def resolve_shot_setting(statement: tree.Setting, shot: Shot, r: Resolution) -> None:
    name = statement.name.text
    if name not in IN_SHOT:
        unknown_setting(statement, IN_SHOT, "in a shot", r, shot=shot.name.text)
        return
    take_setting(statement, shot.settings, r)
    if name == "when":
        shot.scope.when = shot.scope.when or statement


def resolve_group_setting(statement: tree.Setting, group: Group, r: Resolution) -> None:
    name = statement.name.text
    if name == "when":
        whens = {"when": group.scope.when} if group.scope.when is not None else {}
        take_setting(statement, whens, r)
        group.scope.when = whens.get("when")
    elif name in IN_DEFAULTS:
        r.report(
            SYNTAX,
            f"`{name}` stands outside a shot",
            statement.name.span,
            subject=name,
            help=f"for one shot write it in the shot; for all shots here write `defaults {{ {name} = … }}`",
        )
    elif name in IN_SHOT:
        r.report(SYNTAX, f"`{name}` stands outside a shot", statement.name.span, help="write it in a shot")
    else:
        unknown_setting(statement, IN_SHOT, "", r)


def take_setting(
    statement: tree.Setting, settings: dict[str, tree.Setting], r: Resolution, *, told: bool = False
) -> None:
    """Keeps the first setting of a name; judges what can be judged without a value. `told`: that it stands there twice was said."""
    name = statement.name.text
    first = settings.get(name)
    if first is not None and told:
        return
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


def _too_many_values(statement: tree.Setting, r: Resolution) -> None:
    name = statement.name.text
    rest = statement.values[0].span.to(statement.values[-1].span)
    if statement.separator == "|":
        variable = name if name not in FIELDS else f"my_{name}"
        help = f"alternatives belong to a variable: `var {variable} = {rest.text}` at top level, and here `{name} = {{{{ {variable} }}}}`"
    elif _DECIMAL_COMMA.fullmatch(rest.text):
        # A length is a whole number of seconds, and nothing else that a shot sets is a number with a comma.
        whole, part = rest.text.rstrip("s").split(",")
        help = f"a decimal has a point: `{whole}.{part}`"
        if name == "duration":
            help = f"a length is a whole number of seconds: `{whole}s` or `{int(whole) + 1}s`"
    else:
        help = "keep one value"
    r.report(SYNTAX, f"`{name}` takes one value", rest, help=help)


_DECIMAL_COMMA = re.compile(r"\d{1,6},\d+s?")


def _known_settings(known: tuple[str, ...], where: str) -> str:
    if not where:
        return 'settings stand in a shot or in `defaults`; a value of your own is a variable: `var city = "Tokyo"`'
    return f"known {where} are {listed(known)}"


def unknown_setting(
    statement: tree.Setting, known: tuple[str, ...], where: str, r: Resolution, *, shot: str = ""
) -> None:
    name = statement.name.text
    fix = None
    if name in INSTEAD:
        help, value = INSTEAD[name], statement.values[0]
        if name in GOES_ON and known is IN_SHOT and isinstance(value, tree.Word) and value.text not in EXPRESSION_WORDS:
            better = f"first_frame = last_frame({value.text})"
            help, fix = f"write `{better}`", Fix(f"write `{better}`", (Edit(statement.span, better),), certain=False)
        if (right := OWN_NAMES.get(name)) in known:
            certain = right not in ("prompt", "look", "note")
            fix = Fix(f"write `{right}`", (Edit(statement.name.span, right),), certain)
    elif name in IN_SHOT and known is IN_DEFAULTS:
        help = f"`{name}` belongs to one shot; `defaults` holds {listed(known)}"
    else:
        help = did_you_mean(name, known) or _known_settings(known, where)
        if found := nearest(name, known):
            fix = Fix(f"write `{found}`", (Edit(statement.name.span, found),), is_slip(name, known))
    if fix is None:  # what is to go need not be written well before
        start, end = statement.name.span.end, statement.values[0].span.start
        r.forget(lambda found: found.source is statement.span.source and start <= found.start < end)
    r.report(
        rules.NAME_UNKNOWN,
        f"there is no setting `{name}` {where}".rstrip(),
        statement.name.span,
        help=help,
        fix=fix,
        subject=name,
        shot=shot,
    )
