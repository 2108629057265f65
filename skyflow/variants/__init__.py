"""Axes, tables, templates: one shot for each variant and element, with the way back from each character to the source. The only Jinja2."""

from skyflow.variants.axes import Inputs, names_read, read_inputs
from skyflow.variants.evaluate import (
    GAP,
    Evaluated,
    Unevaluated,
    evaluate,
    evaluate_around_gaps,
    evaluate_expression,
    expressions_in,
    with_cell_of,
)
from skyflow.variants.expand import Environment, ShotInstance, VariantShots, expand
from skyflow.variants.folder_names import folder_name
from skyflow.variants.names_check import WITHOUT_BRACES, check_names
from skyflow.variants.reads import (
    Read,
    Values,
    cell_taken,
    read_of,
    reads_locally,
    structural_reads,
    structure_of,
    taker_of,
)
from skyflow.variants.rendered import Rendered
from skyflow.variants.rules import RULES, TEMPLATE_ERROR, VALUE_TYPE
from skyflow.variants.sampling import sample_variants
from skyflow.variants.sought_names import variant_meant
from skyflow.variants.values import NoText, Row, identity_of, kind_of, to_text
from skyflow.variants.walk import MAX_VARIANTS, Variant, VariantWalk

__all__ = [
    "GAP",
    "MAX_VARIANTS",
    "RULES",
    "TEMPLATE_ERROR",
    "VALUE_TYPE",
    "WITHOUT_BRACES",
    "Environment",
    "Evaluated",
    "Inputs",
    "NoText",
    "Read",
    "Rendered",
    "Row",
    "ShotInstance",
    "Unevaluated",
    "Values",
    "Variant",
    "VariantShots",
    "VariantWalk",
    "cell_taken",
    "check_names",
    "evaluate",
    "evaluate_around_gaps",
    "evaluate_expression",
    "expand",
    "expressions_in",
    "folder_name",
    "identity_of",
    "kind_of",
    "names_read",
    "read_inputs",
    "read_of",
    "reads_locally",
    "sample_variants",
    "structural_reads",
    "structure_of",
    "taker_of",
    "to_text",
    "variant_meant",
    "with_cell_of",
]
