"""JSON schemas of Kubernetes objects for kubeconform, out of the API server's own OpenAPI: nothing is fetched."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

# What OpenAPI 2 calls strings and YAML may write as numbers.
_NUMBER_OR_TEXT = {"type": ["string", "number"]}
_LOOSE = ("io.k8s.apimachinery.pkg.util.intstr.IntOrString", "io.k8s.apimachinery.pkg.api.resource.Quantity")


def write_schemas(openapi: Mapping[str, object], folder: Path) -> str:
    """Writes a file for each kind; returns kubeconform's `-schema-location` for them."""
    definitions = {name: _strict(name, one) for name, one in openapi["definitions"].items()}
    for name, one in openapi["definitions"].items():
        for kind in one.get("x-kubernetes-group-version-kind", []):
            group = kind["group"].split(".")[0]
            file = "-".join(filter(None, (kind["kind"].lower(), group, kind["version"])))
            needed = {below: definitions[below] for below in _closure(name, definitions)}
            schema = {"$ref": f"#/definitions/{name}", "definitions": needed}
            (folder / f"{file}.json").write_text(json.dumps(schema))
    return f"{folder}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json"


def _strict(name: str, one: Mapping[str, object]) -> Mapping[str, object]:
    if name in _LOOSE:
        return _NUMBER_OR_TEXT
    return {**one, "additionalProperties": False} if "properties" in one else one


def _closure(name: str, definitions: Mapping[str, object]) -> set[str]:
    """The definitions that this one stands on, itself included."""
    found, open_names = set(), [name]
    while open_names:
        here = open_names.pop()
        if here not in found:
            found.add(here)
            open_names += _references(definitions[here])
    return found


def _references(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].rsplit("/", 1)[1]
        for below in value.values():
            yield from _references(below)
    elif isinstance(value, list):
        for below in value:
            yield from _references(below)
