"""What a run would do and cost: equal clips merged, what the ledger already has, the order of the graph. Sends nothing and writes nothing."""

from skyflow.planner.history import History, LedgerHistory
from skyflow.planner.make import make_plan
from skyflow.planner.placeholders import FileNeeded, Needed, ResultNeeded, fill, placeholders
from skyflow.planner.plan import TO_MAKE, UNDER_WAY, WAITING, Plan, PlannedClip, PlannedShot, PlanState

__all__ = [
    "TO_MAKE",
    "UNDER_WAY",
    "WAITING",
    "FileNeeded",
    "History",
    "LedgerHistory",
    "Needed",
    "Plan",
    "PlanState",
    "PlannedClip",
    "PlannedShot",
    "ResultNeeded",
    "fill",
    "make_plan",
    "placeholders",
]
