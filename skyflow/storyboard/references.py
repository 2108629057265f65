"""Which shot a reference means: `street`, `den.street`, `item.2.spin`, `previous`. Looked for in the own scene first, then outward."""

from __future__ import annotations

from dataclasses import dataclass

from skyflow.diagnostics import did_you_mean
from skyflow.storyboard.model import Group, Scope, Shot, loops_of

MAX_DIGITS = 12  # no loop has that many elements, and Python reads at most 4,300 digits


MAX_NAMED = 100


@dataclass(frozen=True, slots=True)
class ShotReference:
    """The shot meant. `elements` holds one number (from 1) for each loop around the target, outermost first;
    None where the element is that of the shot that refers, because both stand in that loop."""

    target: Shot
    elements: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class ReferenceProblem:
    """Why a reference names no shot: the words of a message, and what to write instead."""

    message: str
    help: str


def find_shot(written: str, user: Shot, declared_in: Scope) -> ShotReference | ReferenceProblem:
    """The shot that `written` means for `user`, looked for from the block outward that the statement stands in.

    `previous` is not a name and is settled where elements are known.
    """
    segments = written.split(".")
    group: Group | None = _group_of(declared_in, user)
    while group is not None:
        child = group.child(segments[0])
        if child is not None:
            return _descend(child, segments, user)
        group = group.parent
    return ReferenceProblem(f"no shot is called `{written}` here", _suggestion(written, user))


def _group_of(scope: Scope, user: Shot) -> Group:
    group: Group | None = user.parent
    while group is not None and scope is not user.scope:
        if group.scope is scope:
            return group
        group = group.parent
    return user.parent if scope is user.scope else _root(user)


def _descend(node: Group | Shot, segments: list[str], user: Shot) -> ShotReference | ReferenceProblem:
    text = ".".join(segments)
    shared = set(loops_of(user))
    elements: list[int | None] = [None for scope in loops_of(node) if scope in shared and scope is not node.scope]
    rest = segments[1:]
    while True:
        if node.scope.loop is not None:
            if rest and rest[0].isdecimal():
                elements.append(int(rest.pop(0)[:MAX_DIGITS]))
            elif node.scope in shared and not (isinstance(node, Shot) and node is user):
                elements.append(None)
            else:
                return _which_element(node, text, rest)
        if isinstance(node, Shot):
            if rest:
                return ReferenceProblem(f"`{text}` names nothing: `{node.name.text}` is a shot", "leave the rest out")
            return ShotReference(node, tuple(elements))
        names = [child.name.text for child in node.children if child.name is not None]
        scene = node.name.text if node.name is not None else ""
        if not rest:
            example = f"`{text}.{names[0]}`" if names else "a shot of it"
            return ReferenceProblem(f"`{text}` is a scene, not a shot", f"name one of its shots: {example}")
        segment = rest.pop(0)
        child = node.child(segment)
        if child is None:
            found = did_you_mean(segment, names) or f"it holds {', '.join(names) or 'no shot'}"
            return ReferenceProblem(f"scene `{scene}` has no shot `{segment}`", found)
        node = child


def _which_element(node: Group | Shot, text: str, rest: list[str]) -> ReferenceProblem:
    assert node.name is not None
    assert node.scope.loop is not None
    looped = node.name.text
    behind = rest
    if not rest and isinstance(node, Group):
        behind = [child.name.text for child in node.children[:1] if child.name is not None]
    example = ".".join([looped, "1", *behind])
    message = f"`{looped}` is made once for each {node.scope.loop.variable.text}; `{text}` does not say which"
    return ReferenceProblem(message, f"write the number of the element: `{example}`")


_BEFORE = ("prev", "last", "before", "this", "previous_shot", "last_shot", "prior")


def _suggestion(written: str, user: Shot) -> str:
    """The shots that a wrong reference may have meant: of the same name in another scene, of a similar one, or any."""
    if written.lower() in _BEFORE:
        return "the shot before this one is `previous`"
    shots = _root(user).shots()
    if len(shots) > MAX_NAMED:  # naming them all for every mistake would take minutes in a large film
        last = written.rsplit(".", 1)[-1]
        shots = [shot for shot in shots if shot.name.text[:1] == last[:1]][:MAX_NAMED] or shots[:MAX_NAMED]
    names = sorted({name for shot in shots for name in _names_from(shot, user)})
    elsewhere = [name for name in names if name.endswith(f".{written}")]
    if elsewhere:
        return f"did you mean {' or '.join(f'`{name}`' for name in elsewhere[:4])}?"
    listed = f"shots here are {', '.join(f'`{name}`' for name in names[:8])}{', …' if len(names) > 8 else ''}"
    return did_you_mean(written, names) or listed


def _root(shot: Shot) -> Group:
    group = shot.parent
    while group.parent is not None:
        group = group.parent
    return group


def _names_from(shot: Shot, user: Shot) -> list[str]:
    """How `user` could name `shot`: by its own name where it is near, by its path elsewhere."""
    shared = set(loops_of(user))
    path: list[str] = [shot.name.text, *_element(shot, shared)]
    group: Group | None = shot.parent
    near = [user.parent]
    while near[-1].parent is not None:
        near.append(near[-1].parent)
    while group is not None and group not in near:
        assert group.name is not None
        path[:0] = [group.name.text, *_element(group, shared)]
        group = group.parent
    return [".".join(path)]


def _element(node: Group | Shot, shared: set[Scope]) -> list[str]:
    return ["1"] if node.scope.loop is not None and node.scope not in shared else []
