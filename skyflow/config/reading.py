"""`skyflow.toml` becomes a Config, or diagnostics that point at the line that is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

from skyflow.config.allowed import place_rules, read_rules, read_rules_of_files
from skyflow.config.hosts import (
    KEYS_HELP,
    HostSettings,
    HostWrong,
    is_secret,
    make_host,
    read_addressing,
    read_bucket,
    read_endpoint,
    read_kind,
    read_link_hours,
    read_prefix,
    read_region,
    read_url,
)
from skyflow.config.money import read_sum
from skyflow.config.project import CONFIG_FILE
from skyflow.config.settings import Budget, Config
from skyflow.diagnostics import Diagnostic, Rule, did_you_mean
from skyflow.source import SourceFile, Span

MAX_CONFIG_BYTES = 1_000_000  # ours

CONFIG_INVALID = Rule(
    id="config-invalid",
    severity="error",
    summary="skyflow.toml says something that skyflow does not understand",
    what="`skyflow.toml` in the project folder holds the settings of the project. Every key in it must be a known one, with a value of its kind.",
    why="A misspelt budget would be no budget. So nothing in this file is ever passed over.",
    wrong='[budget]\nrnu = "20.00"\n',
    right='[project]\nout = "clips"\n\n[budget]\nrun = "20.00"\nday = 50\n',
    source="design: the project's settings",
    example_kind="config",
)


class ConfigError(Exception):
    """`skyflow.toml` is wrong; `diagnostics` say where."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("; ".join(diagnostic.message for diagnostic in diagnostics))
        self.diagnostics = diagnostics


@dataclass(frozen=True, slots=True)
class _Key:
    """One key: its field in the type it belongs to, and what reads its value (ValueError says what was expected instead)."""

    name: str
    field: str
    read: Callable[[Any], Any]


def _read_path(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError('expected a path within the project, such as "clips"')
    written = value.replace("\\", "/")
    parts = PurePosixPath(written).parts
    if written.startswith(("/", "~")) or ".." in parts or re.match(r"[A-Za-z]:", written) or not value.isprintable():
        raise ValueError("the path leaves the project folder; write it relative to skyflow.toml")
    return str(PurePosixPath(*parts))


def _read_count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError("expected a whole number from 1 on")
    return value


def _read_money(value: Any) -> Decimal:
    expected = 'expected US dollars, such as "20.00"'
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise ValueError(expected)
    if isinstance(value, str):
        return read_sum(value, expected)
    amount = Decimal(value)
    if not amount.is_finite() or amount < 0:
        raise ValueError(expected)
    return amount


_SECTIONS: dict[str, tuple[_Key, ...]] = {
    "project": (
        _Key("out", "out", _read_path),
        _Key("prices", "prices", _read_path),
        _Key("variants-limit", "variants_limit", _read_count),
    ),
    "budget": tuple(_Key(name, name, _read_money) for name in ("run", "day", "storyboard", "variant")),
    "host": (
        _Key("kind", "kind", read_kind),
        _Key("bucket", "bucket", read_bucket),
        _Key("endpoint", "endpoint", read_endpoint),
        _Key("region", "region", read_region),
        _Key("prefix", "prefix", read_prefix),
        _Key("link-hours", "link-hours", read_link_hours),
        _Key("addressing", "addressing", read_addressing),
        _Key("url", "url", read_url),
        _Key("folder", "folder", _read_path),
    ),
    "allow": (_Key("rules", "rules", read_rules), _Key("files", "files", read_rules_of_files)),
}
# Known slips: the key goes to that address, so a project that somebody sends must not be able to name it.
_SLIPS = {
    **dict.fromkeys(
        ("live", "base-url", "base_url"),
        "the address of the API stands in the environment, as SKYFLOW_BASE_URL, because the key is sent to it",
    ),
    **dict.fromkeys(
        ("api-key", "api_key", "key"),
        "the key stands in the environment: SKYFLOW_API_KEY, or SKYFLOW_API_KEY_FILE that names a file with it; never here",
    ),
}


def load_config(root: Path) -> Config:
    """The settings of the project in folder `root`; what holds without a file where there is none. Raises ConfigError."""
    try:
        with (root / CONFIG_FILE).open("rb") as file:
            content = file.read(MAX_CONFIG_BYTES + 1)
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise _unreadable(f"{CONFIG_FILE} cannot be read: {error.strerror}") from None
    if len(content) > MAX_CONFIG_BYTES:
        raise _unreadable(f"{CONFIG_FILE} is larger than 1 MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(f"{CONFIG_FILE} is not UTF-8 text: see the byte at offset {error.start:,}") from None
    return parse_config(SourceFile(CONFIG_FILE, text))


def parse_config(source: SourceFile) -> Config:
    """The settings that the text of a `skyflow.toml` states. Raises ConfigError with every mistake in it."""
    import tomllib  # late: most projects have no such file

    try:
        document = tomllib.loads(source.text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError((_syntax_error(source, str(error)),)) from None
    reading = _Reading(source)
    values = reading.values(document)
    host = reading.host(values["host"]) if "host" in document else None
    if reading.diagnostics:
        raise ConfigError(tuple(reading.diagnostics))
    return Config(
        **values["project"],
        budget=Budget(**values["budget"]),
        host=host,
        allowed=place_rules(source, **values["allow"]),
    )


class _Reading:
    """Takes known values out of a document, and notes what is wrong with the rest."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []

    def values(self, document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Field values by section."""
        values: dict[str, dict[str, Any]] = {name: {} for name in _SECTIONS}
        for section, table in document.items():
            if section not in _SECTIONS:
                self._unknown("", section, _SECTIONS, "section")
            elif not isinstance(table, dict):
                self._wrong("", section, f"`{section}` is a section", f"write [{section}] and its keys below it")
            else:
                values[section] = self._section(section, table)
        return values

    def host(self, values: Mapping[str, Any]) -> HostSettings | None:
        """What the keys of `[host]` come to; None where one of them is wrong."""
        if self.diagnostics:
            return None
        try:
            return make_host(values)
        except HostWrong as wrong:
            section, name = ("host", wrong.key) if wrong.key else ("", "host")
            self._wrong(section, name, wrong.message, wrong.help)
            return None

    def _section(self, section: str, table: Mapping[str, Any]) -> dict[str, Any]:
        keys = {key.name: key for key in _SECTIONS[section]}
        values: dict[str, Any] = {}
        for name, value in table.items():
            if name not in keys:
                self._unknown(section, name, keys, "key")
                continue
            try:
                values[keys[name].field] = keys[name].read(value)
            except ValueError as error:
                self._wrong(section, name, f"`{name}` cannot be read", str(error))
        return values

    def _unknown(self, section: str, name: str, known: Mapping[str, object], what: str) -> None:
        homes = [
            f"write it below [{home}]" for home, keys in _SECTIONS.items() if any(key.name == name for key in keys)
        ]
        if section == "host" and is_secret(name):
            self._wrong(section, name, f"`{name}` must not stand in {CONFIG_FILE}", KEYS_HELP)
            return
        help_text = _SLIPS.get(name) or " or ".join(homes) or did_you_mean(name, known) or f"known: {', '.join(known)}"
        self._wrong(section, name, f"`{name}` is no {what} of {f'[{section}]' if section else CONFIG_FILE}", help_text)

    def _wrong(self, section: str, name: str, message: str, help_text: str) -> None:
        hides = name in _SLIPS or (section == "host" and is_secret(name))
        span = _find(self.source, section, name)
        if hides and span is not None:
            span = _without_value(span)
        self.diagnostics.append(Diagnostic(CONFIG_INVALID, message, span, help=help_text, file=CONFIG_FILE))


def _find(source: SourceFile, section: str, name: str) -> Span | None:
    """Where a key or a section's header stands, as far as a look at the lines can tell (tomllib keeps no places)."""
    path = f"{section}.{name}" if section else name
    current = ""
    for line, start in enumerate(source.line_starts, 1):
        found = re.match(r"\s*(\[*)\s*([^=\]#]+?)\s*(?:=|\])", source.line_text(line))
        if found is None:
            continue
        written = re.sub(r"[\s\"']", "", found[2])
        if found[1]:
            current = written
        here = written if found[1] or not current else f"{current}.{written}"
        if here == path or here.startswith(f"{path}."):
            return source.span(start + found.start(2), start + found.end(2))
    return None


def _without_value(span: Span) -> Span:
    """The same place in a text whose values behind it are starred: messages show the line, and what stands there may be a key."""
    text = span.source.text
    sign = re.compile(r"[\"']?\s*[=\]]?").match(text, span.end)
    end = sign.end() if sign else span.end
    return SourceFile(span.source.path, text[:end] + re.sub(r"\S", "*", text[end:])).span(span.start, span.end)


def _syntax_error(source: SourceFile, message: str) -> Diagnostic:
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", message, re.DOTALL)
    reason = found[1] if found else message
    offset = len(source.text)
    if found and found[2]:
        offset = source.line_starts[int(found[2]) - 1] + int(found[3]) - 1
    return Diagnostic(
        CONFIG_INVALID,
        f"{CONFIG_FILE} is not TOML: {reason[0].lower()}{reason[1:]}",
        source.span(offset, min(offset + 1, len(source.text))),
        help='text stands in quotes, as in: out = "clips"',
    )


def _unreadable(message: str) -> ConfigError:
    return ConfigError((Diagnostic(CONFIG_INVALID, message, file=CONFIG_FILE),))
