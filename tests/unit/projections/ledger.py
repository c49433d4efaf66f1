"""What the tables would hold, kept in memory by the rules of the tables: keys are unique."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from indexer.db.models import PROJECTIONS, Projection
from indexer.projections.fold import fold, owners, touched
from indexer.projections.preimages import Preimages
from indexer.projections.touched import Touched
from indexer.projections.world import Fact, World

Values = dict[str, Any]


class Ledger:
    """Rows by projection and key; superseded versions by projection."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[Any, Values]] = {p.name: {} for p in PROJECTIONS}
        self.history: dict[str, list[Values]] = defaultdict(list)

    def write(self, facts: Sequence[Fact]) -> None:
        """Loads what the facts name and nothing else, folds them, keeps the changes."""
        world = World(Preimages(len(self.rows["groups"])))
        keys = touched(facts, world)
        self._load(world.groups, keys["groups"])
        keys["members"] |= owners(facts, world)
        for table in world.tables()[1:]:
            self._load(table, keys[table.projection.name])
        fold(facts, world)
        for table in world.tables():
            self._save(table)

    def _load(self, table: Touched[Any], keys: set[Any]) -> None:
        stored = self.rows[table.projection.name]
        table.load(tuple(stored[key].values()) for key in keys if key in stored)

    def _save(self, table: Touched[Any]) -> None:
        projection, stored = table.projection, self.rows[table.projection.name]
        for key in table.erased():
            del stored[key]
        for row in table.updated():
            values = dict(
                zip((*projection.key, *projection.changing), table.values(row), strict=True)
            )
            stored[_key(projection, values)].update(values)
        for row in table.inserted():
            values = msgspec.structs.asdict(row)
            assert _key(projection, values) not in stored
            stored[_key(projection, values)] = values
        for version in table.superseded:
            self._supersede(projection, version)

    def _supersede(self, projection: Projection, version: tuple[Any, ...]) -> None:
        assert projection.history is not None
        values = dict(zip(projection.history.columns.keys(), version, strict=True))
        place = (*projection.key, "updated_block")
        for older in self.history[projection.name]:
            assert [older[name] for name in place] != [values[name] for name in place]
        self.history[projection.name].append(values)

    def at(self, block: int) -> dict[str, dict[Any, Values]]:
        """The rows that stood right after this block, by the rule of `Projection.at`."""
        return {p.name: self._at(p, block) for p in PROJECTIONS}

    def _at(self, projection: Projection, block: int) -> dict[Any, Values]:
        stored = self.rows[projection.name]
        column = "updated_block" if projection.history is not None else projection.born
        standing = {key: row for key, row in stored.items() if row[column] <= block}
        for version in self.history[projection.name]:
            if version["updated_block"] <= block < version["until_block"]:
                key, until = _key(projection, version), version["until_block"]
                assert key not in standing, f"two versions of {key!r} stand at {block}"
                whole = {**stored.get(key, {}), **version}
                assert whole.pop("until_block") == until
                standing[key] = {name: whole[name] for name in projection.columns}
        return standing


def _key(projection: Projection, values: Values) -> Any:
    key = tuple(values[name] for name in projection.key)
    return key if len(key) > 1 else key[0]
