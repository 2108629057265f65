"""Text becomes a tree: grammar, lexer, parser, tree types. Parsing never raises; nothing is resolved or judged but the form."""

from skyflow.syntax.grammar_folder import grammar_folder, grammar_text
from skyflow.syntax.lexer import Token
from skyflow.syntax.parser import parse, tokens
from skyflow.syntax.rule import RULES

__all__ = ["RULES", "Token", "grammar_folder", "grammar_text", "parse", "tokens"]
