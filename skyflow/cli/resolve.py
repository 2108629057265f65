"""`skyflow resolve`: a person says what became of an order whose answer was lost."""

from __future__ import annotations

import os
from argparse import Namespace

from skyflow.cli.ledger_input import CLIP_HELP, KnownClip, add_folder, as_stop, find_clip, split_place
from skyflow.cli.outcome import Exit, Stop, UsageError
from skyflow.cli.parser import Parser
from skyflow.cli.run_words import money
from skyflow.ledger import Abandoned, Adopted, Fact, Ledger, LedgerError, Resubmitted, State, open_ledger

ABANDONED_IN = (State.DOUBT, State.RUNNING, State.FAILED, State.LOST, State.MADE, State.WANTED)


def make_parser() -> Parser:
    parser = Parser(
        "resolve",
        "[FILE] CLIP --adopt TASK | --resubmit | --abandon",
        "Settle an order that is in doubt: it was sent, no answer came, and it may have\n"
        "been billed. Look it up at the service, then say what became of it.",
        "  skyflow resolve street --adopt task_01KPEY5H3NQ2   it was accepted as this task\n"
        "  skyflow resolve street@2 --resubmit                it never arrived: order it again\n"
        "  skyflow resolve 3fa9c1 --abandon                   give the clip up",
    )
    parser.add_argument(
        "words", nargs="+", metavar="CLIP", help=f"{CLIP_HELP}; a storyboard or folder may stand before it"
    )
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--adopt", metavar="TASK", help="the order became this task: the next run fetches its clip")
    group.add_argument("--resubmit", action="store_true", help="the next run may order it again, and pay again")
    group.add_argument(
        "--abandon", action="store_true", help="never order it again by itself; its cost stays uncertain"
    )
    add_folder(parser)
    return parser


def run(arguments: Namespace) -> int:
    root, names = split_place(arguments.words, arguments.project)
    if len(names) != 1:
        found = f"`{names[1]}` is one word too many" if names else "the clip is missing"
        raise UsageError(found, "one clip at a time: skyflow resolve street --abandon")
    try:
        with open_ledger(root) as ledger:
            clip = find_clip(ledger, names[0])
            _settle(ledger, clip, arguments)
    except LedgerError as error:
        raise as_stop(error) from None
    return Exit.FINE


def _settle(ledger: Ledger, clip: KnownClip, arguments: Namespace) -> None:
    state = clip.attempt.state
    is_guess = state is State.RUNNING and clip.attempt.adopted and arguments.adopt is not None
    allowed = state in ABANDONED_IN if arguments.abandon else state is State.DOUBT or is_guess
    if not allowed:
        raise Stop(f"{clip.name} is not in doubt: {how_it_stands(clip)}", "nothing was changed")
    cost = money(clip.attempt.estimate, exact=clip.attempt.exact)
    fact: Fact
    if arguments.adopt is not None:
        if not arguments.adopt.strip():
            raise Stop("a task's id is needed", "it looks like task_01KPEY5H3NQ2W8D7T6VB3F9GR4")
        fact = Adopted(arguments.adopt.strip())
        if ledger.overview.clip_of_task(clip.target, fact.task_id) not in (None, clip.key):
            raise Stop(f"task `{fact.task_id}` is that of another clip", "nothing was changed; one task makes one clip")
        said = f"{clip.name} is task {fact.task_id}{_looked_up(clip, fact.task_id)}; the next run fetches its clip"
    elif arguments.resubmit:
        fact = Resubmitted("person")
        said = f"{clip.name} will be ordered again by the next run, for {cost}; if the first order arrived after all, both are billed"
    else:
        fact = Abandoned()
        said = f"{clip.name} is given up; {cost} may have been billed for it"
    ledger.record(clip.target, clip.key, fact)
    print(said)


def _looked_up(clip: KnownClip, task_id: str) -> str:
    """Asks the service for the task; says so where it could not be asked. Raises Stop where there is no such task."""
    from skyflow.config import CredentialsError, read_credentials
    from skyflow.ledger import live_target
    from skyflow.runner import Service, look_up

    if clip.target.is_sandbox:
        return ""  # it runs only while a run does
    try:
        credentials = read_credentials(os.environ)
    except CredentialsError as error:
        return f" (not looked up: {error})"
    if live_target(credentials.base_url) != clip.target:
        return f" (not looked up: SKYFLOW_BASE_URL is not {clip.target.name})"
    found = look_up(Service(credentials.base_url, credentials.api_key, clip.target), task_id)
    if found.is_known is False:
        raise Stop(
            f"{clip.target.name} knows no task `{task_id}` ({found.said})",
            "nothing was changed; copy the id from the service's own list of tasks",
        )
    return "" if found.is_known else f" (not looked up: {found.said})"


def how_it_stands(clip: KnownClip) -> str:
    """The clip's standing as the second half of a sentence."""
    words = {
        State.HAVE: "its clip is here",
        State.MADE: "its clip is made, the next run fetches it",
        State.RUNNING: f"it runs as task {clip.attempt.task_id}",
        State.REFUSED: "it was refused and not billed, the next run orders it again",
        State.FAILED: f"it failed ({clip.attempt.reason})",
        State.LOST: "its clip is lost",
        State.REPLACED: "it was ordered again",
        State.ABANDONED: "it was given up",
        State.WANTED: "the next run orders it again",
        State.DOUBT: "it was sent, and no answer came",
        State.POSTING: "it is being sent at this moment",
    }
    return words.get(clip.attempt.state, str(clip.attempt.state))
