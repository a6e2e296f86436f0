"""The verb `init`, which comes before there are settings."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from upheld_store.site.environment import wanted_folders
from upheld_store.site.new_store import new_store


def run(folder: Path) -> int:
    """Make the store and say what to do next."""
    made = new_store(folder, *wanted_folders(), datetime.now(UTC).date())
    print(
        f"  The store's folder  {made.store}\n"
        f"  Data                {made.home}\n"
        f"  Keys                {made.keys}   on a volume that is not snapshotted, if you can\n"
        f"  Recovery file       {made.recovery}\n\n"
        "The recovery file and a backup bring the store back when this machine is lost. Take it "
        "off this machine now: print it, or put it in a safe.\n\n"
        "Then say who you are in policy/policy.toml ([controller]) and store.toml, and:\n"
        f"  export UPHELD_STORE={made.store}\n"
        "  upheld upgrade\n"
        "  upheld create-owner you@your.shop\n"
        "  upheld serve",
        flush=True,
    )
    return 0
