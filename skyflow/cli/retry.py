"""`skyflow retry`: a person wants another attempt at clips that failed, were lost or were given up."""

from __future__ import annotations

from argparse import Namespace

from skyflow.cli.ledger_input import CLIP_HELP, KnownClip, add_folder, as_stop, find_clip, split_place
from skyflow.cli.outcome import Exit, Stop, UsageError
from skyflow.cli.parser import Parser
from skyflow.cli.resolve import how_it_stands
from skyflow.cli.run_words import count, money
from skyflow.ledger import MAY_BE_MADE_AGAIN, Ledger, LedgerError, Retried, State, open_ledger


def make_parser() -> Parser:
    parser = Parser(
        "retry",
        "[FILE] CLIP… | --failed",
        "Have clips made again that failed, were lost or were given up. They are not made\n"
        "again by themselves, because they may have been billed. The next `skyflow run`\n"
        "orders them anew, and they are paid anew.",
        "  skyflow retry street\n  skyflow retry film.sky street@2 3fa9c1\n  skyflow retry --failed",
    )
    parser.add_argument(
        "words", nargs="*", metavar="CLIP", help=f"{CLIP_HELP}; a storyboard or folder may stand before it"
    )
    parser.add_argument("--failed", action="store_true", help="all clips that failed or were lost on a live service")
    add_folder(parser)
    return parser


def run(arguments: Namespace) -> int:
    root, names = split_place(arguments.words, arguments.project, alone=arguments.failed)
    if bool(names) == arguments.failed:
        raise UsageError("name the clips, or all that failed with --failed", "skyflow status lists them")
    try:
        with open_ledger(root) as ledger, ledger.batch():
            clips = _failed(ledger) if arguments.failed else [find_clip(ledger, name) for name in names]
            said = [_have_made_again(ledger, clip) for clip in clips]
    except LedgerError as error:
        raise as_stop(error) from None
    print("\n".join(said))
    print(f"the next run orders {count(len(said), 'clip')} again, if a shot still asks for it")
    return Exit.FINE


def _failed(ledger: Ledger) -> list[KnownClip]:
    """What failed or was lost where it costs money: previews are made again by themselves. Raises Stop where there is nothing."""
    found = [
        KnownClip(target, key, attempt)
        for target in ledger.targets()
        if not target.is_sandbox
        for key, attempt in ledger.overview.clips(target, (State.FAILED, State.LOST))
    ]
    if not found:
        raise Stop("no clip of this project has failed or was lost on a live service", "nothing was changed")
    return found


def _have_made_again(ledger: Ledger, clip: KnownClip) -> str:
    attempt = clip.attempt
    if attempt.state not in MAY_BE_MADE_AGAIN:
        way = "; settle it with skyflow resolve" if attempt.state is State.DOUBT else ""
        raise Stop(
            f"{clip.name} has not failed: {how_it_stands(clip)}{way}",
            "nothing was changed; for another result of the same shot add a take in the storyboard",
        )
    ledger.record(clip.target, clip.key, Retried())
    cost = money(attempt.estimate, exact=attempt.exact)
    if clip.target.is_sandbox:
        return f"{clip.name} will be previewed again"
    billed = {True: "was billed", False: "was not billed", None: "may have been billed"}[attempt.billed]
    return f"{clip.name} will be ordered again for {cost}; the order that {_over(attempt.state)} {billed}"


def _over(state: State) -> str:
    return {State.FAILED: "failed", State.LOST: "was lost"}.get(state, "was given up")
