"""Where a missing line goes: the nearest inventory and the line in it. Read only when needed."""

from __future__ import annotations

import inspect
from pathlib import Path

from django.apps import apps

from upheld.policy import PolicyInvalid
from upheld.policy.lines import LineIndex
from upheld.policy.reading import read_text

INVENTORY = "inventory.toml"


class Places:
    """Answers by file and line; remembers the files it has read."""

    def __init__(self) -> None:
        self._lines: dict[str, tuple[LineIndex, int]] = {}

    def line(self, file: str, *path: str) -> int | None:
        """The line of a table or key in an inventory."""
        index = self._read(file)
        return index[0].line(path) if index else None

    def exact_line(self, file: str, *path: str) -> int | None:
        """The line of a key itself, not of what stands around it."""
        line = self.line(file, *path)
        return None if line is None or line == self.line(file, *path[:-1]) else line

    def inventories(self) -> list[str]:
        """Every inventory of the installed apps."""
        folders = [Path(config.path) for config in apps.get_app_configs()]
        return [str(file) for folder in folders for file in sorted(folder.rglob(INVENTORY))]

    def end(self, file: str) -> int | None:
        """The line after the last: where a new table goes."""
        index = self._read(file)
        return index[1] + 1 if index else 1

    def for_table(self, name: str) -> tuple[str, int | None]:
        """Where a table that no inventory names should be declared: beside its model, or beside
        the app whose label its name begins with."""
        for model in apps.get_models(include_auto_created=True):
            if model._meta.db_table == name:
                # The model of a many-to-many table has no source; its app has.
                if model._meta.auto_created:
                    return self._beside(Path(model._meta.app_config.path), model._meta.app_label)
                return self.for_source(Path(inspect.getfile(model)))
        owners = [c for c in apps.get_app_configs() if name.startswith(f"{c.label}_")]
        if owners:
            owner = max(owners, key=lambda config: len(config.label))
            return self._beside(Path(owner.path), owner.label)
        return "the inventory.toml of the app that made it", None

    def for_source(self, source: Path) -> tuple[str, int | None]:
        """The inventory nearest to a file of an app, from its folder upwards."""
        roots = [Path(config.path) for config in apps.get_app_configs()]
        root = max((r for r in roots if source.is_relative_to(r)), key=lambda r: len(r.parts),
                   default=None)  # fmt: skip
        if root is None:
            return str(source), None
        folder = source.parent
        while folder != root and not (folder / INVENTORY).is_file():
            folder = folder.parent
        file = str(folder / INVENTORY)
        return file, self.end(file)

    def _beside(self, folder: Path, label: str) -> tuple[str, int | None]:
        file = str(folder / INVENTORY)
        if not Path(file).is_file():
            named = sorted(folder.rglob(INVENTORY))
            file = str(named[0]) if named else file
        return file, self.end(file)

    def _read(self, file: str) -> tuple[LineIndex, int] | None:
        if file not in self._lines:
            try:
                text = read_text(Path(file))
            except PolicyInvalid:
                return None
            self._lines[file] = LineIndex(text), text.count("\n")
        return self._lines[file]
