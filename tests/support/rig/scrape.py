"""Reads a Prometheus text exposition, enough to ask for values and for what moved."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_SAMPLE = re.compile(r"^(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)(?: -?\d+)?$")
_LABEL = re.compile(r'(?P<key>[a-zA-Z_]\w*)="(?P<value>(?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Sample:
    name: str
    labels: Mapping[str, str]
    value: float

    def __str__(self) -> str:
        labels = ",".join(f'{key}="{value}"' for key, value in self.labels.items())
        return f"{self.name}{{{labels}}}" if labels else self.name


@dataclass(frozen=True)
class Scrape:
    samples: tuple[Sample, ...]

    def __iter__(self) -> Iterator[Sample]:
        return iter(self.samples)

    def find(self, name: str, /, **labels: str) -> list[Sample]:
        """The samples of this name that have all these labels (and perhaps more)."""
        return [s for s in self.samples if s.name == name and labels.items() <= s.labels.items()]

    def total(self, name: str, /, **labels: str) -> float:
        """The sum over find(): 0 when there is none."""
        return sum(sample.value for sample in self.find(name, **labels))

    def moved_since(self, before: "Scrape") -> dict[str, float]:
        """Series by text to how much they grew or fell; unmoved ones are left out."""
        old = {str(sample): sample.value for sample in before}
        grown = {str(sample): sample.value - old.get(str(sample), 0.0) for sample in self}
        return {series: change for series, change in grown.items() if change}


def scrape(text: str) -> Scrape:
    """ValueError, naming the line, for what is no sample and no comment."""
    samples = []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        match = _SAMPLE.match(line)
        if match is None:
            raise ValueError(f"no sample: {line!r}")
        labels = {m["key"]: re.sub(r"\\(.)", _unescape, m["value"]) for m in _LABEL.finditer(match["labels"] or "")}
        samples.append(Sample(match["name"], labels, float(match["value"])))
    return Scrape(tuple(samples))


def _unescape(match: re.Match[str]) -> str:
    return "\n" if match[1] == "n" else match[1]
