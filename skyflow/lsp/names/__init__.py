"""Who names what: the index of one file, and what the whole project needs to find and rename a thing."""

from skyflow.lsp.names.columns import find_column
from skyflow.lsp.names.index import Address, NameIndex, Occurrence, Symbol, SymbolKind, linked_symbols
from skyflow.lsp.names.indexing import find_variable, index_names, mentions_in, nodes_of, own_tags
from skyflow.lsp.names.project import IndexedFile, ProjectNames, TooMany, find_everywhere
from skyflow.lsp.names.renaming import (
    RenameRefused,
    Renaming,
    check_new_name,
    plan_renaming,
    renamed,
    try_renaming,
)

__all__ = [
    "Address",
    "IndexedFile",
    "NameIndex",
    "Occurrence",
    "ProjectNames",
    "RenameRefused",
    "Renaming",
    "Symbol",
    "SymbolKind",
    "TooMany",
    "check_new_name",
    "find_column",
    "find_everywhere",
    "find_variable",
    "index_names",
    "linked_symbols",
    "mentions_in",
    "nodes_of",
    "own_tags",
    "plan_renaming",
    "renamed",
    "try_renaming",
]
