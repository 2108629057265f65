"""The rules about variables, tables and templates."""

from __future__ import annotations

from skyflow.diagnostics import Rule

LANGUAGE = "the storyboard language (grammar/README.md)"

TEMPLATE_SYNTAX = Rule(
    id="template-syntax",
    severity="error",
    summary="an expression in {{ }} that cannot be read",
    what="Between {{ and }} stands one Jinja2 expression: names, columns, text in quotes, numbers, operators and filters.",
    why="The prompt would be sent with a hole in it.",
    wrong='defaults { model = fast }\nvar city = "Tokyo"\nshot street { prompt = "A street in {{ city | }}." }\n',
    right='defaults { model = fast }\nvar city = "Tokyo"\nshot street { prompt = "A street in {{ city | upper }}." }\n',
    source=f"{LANGUAGE}, Templates",
)
TEMPLATE_ERROR = Rule(
    id="template-error",
    severity="error",
    summary="an expression that cannot be computed",
    what="An expression must have a value that can be written into the text: no method calls, no columns of plain text, no `none`.",
    why="Storyboards may come from anybody: expressions compute text and numbers, they never run code.",
    wrong='defaults { model = fast }\nvar city = "Tokyo"\nshot street { prompt = "A street in {{ city.upper() }}." }\n',
    right='defaults { model = fast }\nvar city = "Tokyo"\nshot street { prompt = "A street in {{ city | upper }}." }\n',
    source=f"{LANGUAGE}, Templates",
)
TEMPLATE_LIMIT = Rule(
    id="template-limit",
    severity="error",
    summary="an expression that grows beyond all measure",
    what="The results of operators, powers and widths are bounded, and so are the length and the nesting of an expression.",
    why="A few characters can ask for a gigabyte of text; no prompt needs that.",
    wrong="defaults { model = fast }\nshot street { prompt = \"Rain {{ 'a' * 10**9 }}.\" }\n",
    right="defaults { model = fast }\nshot street { prompt = \"Rain {{ 'and rain ' * 3 }}.\" }\n",
    source=f"{LANGUAGE}, Templates",
)
VARIABLE_UNMARKED = Rule(
    id="variable-unmarked",
    severity="warning",
    summary="a variable in a prompt without its {{ }}",
    what="A prompt or a look says {city} or $city, and `city` is a variable there. Its value stands only where {{ city }} is written.",
    why="The model would read the braces as words, in every variant the same ones.",
    wrong='defaults { model = fast }\nvar city = "Tokyo"\nshot street { prompt = "A street in {city}." }\n',
    right='defaults { model = fast }\nvar city = "Tokyo"\nshot street { prompt = "A street in {{ city }}." }\n',
    source=f"{LANGUAGE}, Templates",
)
VAR_MISSING = Rule(
    id="var-missing",
    severity="error",
    summary="a variable that must be given from outside and was not",
    what="`var NAME` without a value declares a variable that the command line gives: --var NAME=text.",
    why="Without it the prompt would have a hole.",
    wrong='defaults { model = fast }\nvar city\nshot street { prompt = "A street in {{ city }}." }\n',
    right='# or leave the value out and give it: skyflow check FILE --var city=Osaka\ndefaults { model = fast }\nvar city = "Tokyo"\nshot street { prompt = "A street in {{ city }}." }\n',
    source=f"{LANGUAGE}, Statements",
)
TABLE_SHAPE = Rule(
    id="table-shape",
    severity="error",
    summary="a table whose rows do not fit its header",
    what="A .csv file has one header line with different names and rows of as many cells; a .json file is a list of flat objects; a .jsonl file has one flat object a line.",
    why="A cell in the wrong column would put the wrong word into a thousand adverts.",
    wrong="""\
# products.csv holds the two lines: name,copy and mug,Hot coffee, now
defaults { model = fast }

var product from "products.csv"

shot advert { prompt = "{{ product.name }}: {{ product.copy }}" }
""",
    right="""\
# products.csv holds the two lines: name,copy and mug,"Hot coffee, now"
defaults { model = fast }

var product from "products.csv"

shot advert { prompt = "{{ product.name }}: {{ product.copy }}" }
""",
    source=f"{LANGUAGE}, Tables",
)
VARIANTS_TOO_MANY = Rule(
    id="variants-too-many",
    severity="error",
    summary="more variants than the limit",
    what="Axes multiply. The number of variants is limited (100,000 unless set otherwise).",
    why="One more axis can turn a thousand clips into a million without anybody having meant it.",
    wrong="""\
defaults { model = fast }

var year = 1920 | 1930 | 1940 | 1950 | 1960 | 1970 | 1980 | 1990 | 2000 | 2010
var month = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12
var day = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15
var hour = 0 | 3 | 6 | 9 | 12 | 15 | 18 | 21
var city = "Tokyo" | "Osaka" | "Nara" | "Kyoto" | "Sendai" | "Kobe" | "Gifu"

shot street { prompt = "{{ city }}, {{ year }}-{{ month }}-{{ day }}, {{ hour }} o'clock." }
""",
    right='defaults { model = fast }\nvar city = "Tokyo" | "Osaka"\nshot street { prompt = "A street in {{ city }}." }\n',
    source=f"{LANGUAGE}, Variants",
)
VALUE_TYPE = Rule(
    id="value-type",
    severity="error",
    summary="a value that cannot be read as what is needed",
    what="A setting takes a value of its kind, or text that spells one: duration = 5s, takes = 3, prompt_optimizer = false.",
    why="Guessing what was meant would be paid for.",
    wrong='defaults { model = fast }\nshot street {\n  duration = long\n  prompt = "Rain."\n}\n',
    right='defaults { model = fast }\nshot street {\n  duration = 8s\n  prompt = "Rain."\n}\n',
    source=f"{LANGUAGE}, Values",
)

RULES = (
    TEMPLATE_SYNTAX,
    TEMPLATE_ERROR,
    TEMPLATE_LIMIT,
    VARIABLE_UNMARKED,
    VAR_MISSING,
    TABLE_SHAPE,
    VARIANTS_TOO_MANY,
    VALUE_TYPE,
)
