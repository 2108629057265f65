"""What a run would do and cost: equal clips merged, what the ledger already has, the order of the graph. Sends nothing and writes nothing."""

from skyflow.planner.changes import Change
from skyflow.planner.history import History, LedgerHistory
from skyflow.planner.make import PlanRefused, make_plan
from skyflow.planner.placeholders import FileNeeded, Needed, ResultNeeded, fill, placeholders
from skyflow.planner.plan import (
    TO_MAKE,
    UNDER_WAY,
    WAITING,
    Plan,
    PlannedClip,
    PlannedShot,
    PlanState,
    ShotChange,
    Sum,
)
from skyflow.planner.rows import Group, Reason, VariantGroup

__all__ = [
    "TO_MAKE",
    "UNDER_WAY",
    "WAITING",
    "Change",
    "FileNeeded",
    "Group",
    "History",
    "LedgerHistory",
    "Needed",
    "Plan",
    "PlanRefused",
    "PlanState",
    "PlannedClip",
    "PlannedShot",
    "Reason",
    "ResultNeeded",
    "ShotChange",
    "Sum",
    "VariantGroup",
    "fill",
    "make_plan",
    "placeholders",
]
