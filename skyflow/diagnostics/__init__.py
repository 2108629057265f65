"""What is wrong, where, and what to do: rules, diagnostics, suggestions, and one renderer a file."""

from skyflow.diagnostics.diagnostic import Diagnostic, Edit, Fix, Related
from skyflow.diagnostics.rule import Rule, Severity
from skyflow.diagnostics.suggest import did_you_mean, nearest

__all__ = ["Diagnostic", "Edit", "Fix", "Related", "Rule", "Severity", "did_you_mean", "nearest"]
