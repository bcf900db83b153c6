"""The data that a spec can train on, by name. Each source is declared as a layer is, its options its arguments."""

from collections.abc import Mapping
from typing import Any

from archgen.data import files, folders, images, synthetic, tabular, texts
from archgen.data.base import Array, Data, Wanted
from archgen.data.network import Network, Port, network_of
from archgen.errors import LayerError, did_you_mean
from archgen.layers.base import known
from archgen.layers.kinds import Kind, Object, show


class Source(Kind):
    """A data source: its name, or an object with ``name`` and options."""

    def convert(self, value: Any) -> Data:
        if isinstance(value, Object):
            raise self.refuse(value, hint=f'write {{"name": "{value.op}", ...}}')
        if isinstance(value, str):
            value = {"name": value}
        if not isinstance(value, Mapping):
            raise self.refuse(value)
        if "name" not in value:
            raise LayerError("data needs a name", code="missing-argument", hint='add "name": "iris"')
        sources = known("data")
        name = value["name"]
        declared = sources.get(name) if isinstance(name, str) else None
        if declared is None:
            hint = did_you_mean(name, sources) if isinstance(name, str) else None
            raise LayerError(
                f"there is no data {show(name)}",
                param="name",
                code="unknown-data",
                hint=hint or f"known: {', '.join(sorted(sources))}",
            )
        built = declared.create({key: item for key, item in value.items() if key != "name"})
        assert isinstance(built, Data)
        return built

    def phrase(self) -> str:
        return 'the name of a data set, or {"name": ..., options}'

    def example(self) -> str:
        return '"iris"'

    def plain_schema(self) -> dict[str, Any]:
        return {"$ref": "#/$defs/data"}


__all__ = [
    "Array",
    "Data",
    "Network",
    "Port",
    "Source",
    "Wanted",
    "files",
    "folders",
    "images",
    "network_of",
    "synthetic",
    "tabular",
    "texts",
]
