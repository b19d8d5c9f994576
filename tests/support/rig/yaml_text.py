"""Writes plain values as YAML that people can read; there is no YAML in Python's library."""

import json
import re
from collections.abc import Mapping, Sequence

# What may stand without quotes and cannot be taken for a number, a truth value or syntax.
_PLAIN = re.compile(r"[A-Za-z/][\w./-]*( [\w./-]+)*")
_WORDS_WITH_MEANING = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def to_yaml(value: object, indent: int = 0) -> str:
    """One document of mappings, sequences, strings, numbers, truth values and None."""
    return "".join(f"{line}\n" for line in _lines(value, indent))


def _lines(value: object, indent: int) -> list[str]:
    space = "  " * indent
    if isinstance(value, Mapping) and value:
        lines = []
        for key, item in value.items():
            lines += _item(f"{space}{_scalar(key)}:", item, indent)
        return lines
    if _is_list(value) and value:
        lines = []
        for item in value:  # type: ignore[attr-defined]
            below = _lines(item, indent + 1)
            lines.append(f"{space}- {below[0].lstrip()}")
            lines += below[1:]
        return lines
    return [space + _scalar(value)]


def _item(start: str, item: object, indent: int) -> list[str]:
    if (isinstance(item, Mapping) or _is_list(item)) and item:
        return [start, *_lines(item, indent + 1)]
    return [f"{start} {_scalar(item)}"]


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _scalar(value: object) -> str:
    if isinstance(value, Mapping):
        return "{}"
    if _is_list(value):
        return "[]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS_WITH_MEANING:
        return value
    # A JSON scalar is a YAML scalar.
    return json.dumps(value if isinstance(value, (int, float, bool, type(None))) else str(value), ensure_ascii=False)
