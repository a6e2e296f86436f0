"""A copy of the demo's policy folder and of all inventories that a test may spoil."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from upheld.policy import Finding, Policy, PolicyInvalid, load

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "demo" / "policy"
INVENTORIES = sorted((ROOT / "src").rglob("inventory.toml"))


@dataclass(frozen=True)
class OwnerFolder:
    """`policy` and `inventories` are folders of copies."""

    policy: Path
    inventories: Path

    @classmethod
    def copied_to(cls, folder: Path) -> OwnerFolder:
        """A fresh copy below `folder`."""
        shutil.copytree(DEMO, folder / "policy", ignore=shutil.ignore_patterns("published"))
        (folder / "inventories").mkdir(parents=True)
        for file in INVENTORIES:
            name = "-".join(file.relative_to(ROOT / "src").parts)
            shutil.copy(file, folder / "inventories" / name)
        return cls(folder / "policy", folder / "inventories")

    @property
    def policy_file(self) -> Path:
        return self.policy / "policy.toml"

    def inventory(self, app: str) -> Path:
        """The copy of one app's inventory, such as `upheld_store-orders`."""
        return self.inventories / f"{app}-inventory.toml"

    def edit(self, file: Path, old: str, new: str) -> None:
        """Replace the first `old`; it must stand there."""
        text = file.read_text("utf-8")
        assert old in text, f"{old!r} does not stand in {file.name}"
        file.write_text(text.replace(old, new, 1), "utf-8")

    def load(self) -> Policy:
        return load(self.policy, sorted(self.inventories.iterdir()))

    def findings(self) -> tuple[Finding, ...]:
        """What the loader refuses; nothing if it loads."""
        try:
            self.load()
        except PolicyInvalid as error:
            return error.findings
        return ()
