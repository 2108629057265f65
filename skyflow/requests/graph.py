"""The shots of one variant → who uses whom, in which order they can be made, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from skyflow.diagnostics import Diagnostic, Related
from skyflow.requests.draft_settings import Draft
from skyflow.requests.rules import SHOT_ABSENT, SHOT_CYCLE
from skyflow.requests.sources import ResultUse
from skyflow.source import Span
from skyflow.storyboard import Shot, loops_of
from skyflow.storyboard.rules import NAME_UNKNOWN
from skyflow.variants import ShotInstance, VariantShots

MAX_SHOWN = 8  # shots of a circle; the rest would only fill the screen


@dataclass(slots=True)
class Node:
    """One shot of a variant with its draft. `needs` are the nodes of `draft.results`, in that order; None where one is missing."""

    instance: ShotInstance
    draft: Draft
    index: int
    needs: list[Node | None]

    @property
    def complete(self) -> bool:
        return self.draft.complete and None not in self.needs


def link(shots: VariantShots, drafts: list[Draft]) -> tuple[list[Node], list[Diagnostic]]:
    """The nodes of a variant in storyboard order, each with those it needs."""
    nodes = [
        Node(instance, draft, index, [])
        for index, (instance, draft) in enumerate(zip(shots.present, drafts, strict=True))
    ]
    diagnostics: list[Diagnostic] = []
    if any(node.draft.results for node in nodes):
        by_place = {(node.instance.shot, node.instance.elements): node for node in nodes}
        for node in nodes:
            for use in node.draft.results:
                found = _target(use, node, nodes, by_place, shots)
                if isinstance(found, Diagnostic):
                    diagnostics.append(found)
                node.needs.append(found if isinstance(found, Node) else None)
    return nodes, diagnostics


def _target(
    use: ResultUse,
    node: Node,
    nodes: list[Node],
    by_place: dict[tuple[Shot, tuple[int, ...]], Node],
    shots: VariantShots,
) -> Node | Diagnostic | None:
    """The node that is used, or why there is none; None where a mistake that was reported hides it."""
    name = node.instance.name
    if use.reference is None:
        found = _previous(node, nodes)
        if found is not None:
            return found
        return Diagnostic(
            SHOT_ABSENT,
            f"there is no shot before `{name}`",
            use.span,
            help="name the shot that is meant",
            shot=name,
            subject="previous",
        )
    numbers = zip(use.reference.elements, (*node.instance.elements, *[0] * len(use.reference.elements)), strict=False)
    elements = tuple(own if number is None else number for number, own in numbers)
    target = use.reference.target
    found = by_place.get((target, elements))
    if found is not None:
        return found
    for length in range(len(elements) + 1):
        removed = shots.absent.get((target, elements[:length]))
        if removed is not None:
            return Diagnostic(
                SHOT_ABSENT,
                f"`{name}` uses `{use.written}`, which does not exist here",
                use.span,
                related=(Related(removed, f"this `when` removes `{use.written}`"),),
                help="give both the same `when`, or use another shot",
                shot=name,
                subject=use.written,
            )
    return _no_element(use, elements, shots, name)


def _no_element(use: ResultUse, elements: tuple[int, ...], shots: VariantShots, name: str) -> Diagnostic | None:
    assert use.reference is not None
    for depth, scope in enumerate(loops_of(use.reference.target)):
        place = (scope, elements[:depth])
        count = shots.counts.get(place)
        if count is None and place in shots.counts:
            return None
        if count is not None and not 1 <= elements[depth] <= count:
            message = f"`{scope.name}` has {count} element{'' if count == 1 else 's'}, so there is no `{use.written}`"
            help = f"they are `{scope.name}.1` to `{scope.name}.{count}`" if count else "its list is empty here"
            return Diagnostic(NAME_UNKNOWN, message, use.span, help=help, shot=name, subject=use.written)
    message = f"`{use.written}` names no shot that is made here"
    help = "elements are numbered from 1; in another loop they are named with their number"
    return Diagnostic(NAME_UNKNOWN, message, use.span, help=help, shot=name, subject=use.written)


def _previous(node: Node, nodes: list[Node]) -> Node | None:
    """The shot before this one; in a loop of several shots the one before it in the same element, or the one before the loop."""
    own_loops = loops_of(node.instance.shot)
    for other in reversed(nodes[: node.index]):
        shared = [
            depth
            for depth, (own, its) in enumerate(zip(own_loops, loops_of(other.instance.shot), strict=False))
            if own is its
        ]
        if all(
            node.instance.elements[depth] == other.instance.elements[depth] or _only_shot(node.instance.shot, depth)
            for depth in shared
        ):
            return other
    return None


def _only_shot(shot: Shot, depth: int) -> bool:
    """Whether the loop at `depth` around a shot holds no other shot."""
    scope = loops_of(shot)[depth]
    if scope is shot.scope:
        return True
    group = shot.parent
    while group.scope is not scope and group.parent is not None:
        group = group.parent
    return len(group.shots()) == 1


def order(nodes: list[Node]) -> tuple[list[Node], list[Diagnostic]]:
    """The nodes so that each comes after those it needs; nodes of a circle are left out and reported once."""
    done: dict[int, bool] = {}
    ordered: list[Node] = []
    circling: set[int] = set()
    diagnostics: list[Diagnostic] = []
    for node in nodes:
        for trail in _visit(node, done, ordered):
            diagnostics.append(_circle(trail))
            circling.update(member.index for member in trail)
    return [node for node in ordered if node.index not in circling], diagnostics


def _visit(start: Node, done: dict[int, bool], ordered: list[Node]) -> Iterator[list[Node]]:
    """Depth first without recursion: a chain of 10,000 shots must not end in a stack overflow. Yields each circle."""
    if start.index in done:
        return
    trail: list[tuple[Node, Iterator[Node | None]]] = [(start, iter(start.needs))]
    done[start.index] = False
    while trail:
        node, needs = trail[-1]
        following = next((need for need in needs if need is not None and done.get(need.index) is not True), None)
        if following is None:
            trail.pop()
            done[node.index] = True
            ordered.append(node)
        elif following.index in done:
            names = [inner for inner, _ in trail]
            yield names[names.index(following) :]
        else:
            done[following.index] = False
            trail.append((following, iter(following.needs)))


def _circle(trail: list[Node]) -> Diagnostic:
    names = [node.instance.name for node in trail]
    uses: list[Span] = []
    for node, following in zip(trail, [*trail[1:], trail[0]], strict=True):
        uses.extend(use.span for use, need in zip(node.draft.results, node.needs, strict=True) if need is following)
    shown = names if len(names) <= MAX_SHOWN else [*names[: MAX_SHOWN - 1], "…"]
    words = " → ".join([*shown, names[0]])
    return Diagnostic(
        SHOT_CYCLE,
        f"these shots need each other in a circle: {words}" if len(names) > 1 else f"`{names[0]}` needs itself",
        uses[0],
        related=tuple(Related(span, "and this") for span in uses[1:MAX_SHOWN]),
        help="let one of them start without the others",
        shot=names[0],
        subject=words,
    )
