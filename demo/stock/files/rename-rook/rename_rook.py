#!/usr/bin/env python3
"""Rename Rook: rename many files at once, look before you leap, and take it back.

    rename_rook.py PATTERN FOLDER            show what would happen
    rename_rook.py PATTERN FOLDER --go       do it
    rename_rook.py --undo FOLDER             take the last run back

PATTERN is the new name, with these parts filled in:
    {n}     1, 2, 3 ...        {n:03}  001, 002, 003 ...
    {name}  the old name without its ending
    {ext}   the ending with its dot
    {date}  the day the file was last changed, as 2026-04-30
"""
import argparse
import json
import sys
from datetime import datetime
from pathlib import Path

JOURNAL = ".rename-rook.json"


def plan(pattern, folder):
    """Pairs of old and new names, sorted by old name; hidden files are left alone."""
    files = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
    pairs = []
    for number, path in enumerate(files, 1):
        day = datetime.fromtimestamp(path.stat().st_mtime).date().isoformat()
        new = pattern.format(n=number, name=path.stem, ext=path.suffix, date=day)
        pairs.append((path.name, new))
    return pairs


def problems(pairs, folder):
    """Why a plan must not be carried out; an empty list means it may."""
    found, seen = [], {}
    old_names = {old for old, _ in pairs}
    for old, new in pairs:
        if not new or "/" in new or "\\" in new or new in (".", ".."):
            found.append(f"{old}: {new!r} is no file name")
        elif new in seen:
            found.append(f"{old} and {seen[new]} would both become {new}")
        elif new not in old_names and (folder / new).exists():
            found.append(f"{old}: {new} is there already")
        seen[new] = old
    return found


def carry_out(pairs, folder):
    """Rename in two steps, so that a swap (a to b, b to a) works too."""
    moving = [(old, new) for old, new in pairs if old != new]
    for index, (old, _) in enumerate(moving):
        (folder / old).rename(folder / f".rename-rook-{index}")
    for index, (_, new) in enumerate(moving):
        (folder / f".rename-rook-{index}").rename(folder / new)
    return moving


def undo(folder):
    """Take the last run back, once."""
    journal = folder / JOURNAL
    if not journal.is_file():
        print("There is nothing to take back in this folder.")
        return 1
    pairs = [(new, old) for old, new in json.loads(journal.read_text("utf-8"))]
    gone = [new for new, _ in pairs if not (folder / new).exists()]
    if gone:
        print("These files are no longer here, so nothing was changed: " + ", ".join(gone))
        return 1
    carry_out(pairs, folder)
    journal.unlink()
    print(f"Took back {len(pairs)} names.")
    return 0


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", nargs="+", metavar="PATTERN FOLDER")
    parser.add_argument("--go", action="store_true", help="rename; without it, only show")
    parser.add_argument("--undo", action="store_true", help="take the last run back")
    given = parser.parse_args(arguments)
    folder = Path(given.words[-1])
    if not folder.is_dir():
        print(f"{folder} is not a folder.", file=sys.stderr)
        return 2
    if given.undo:
        return undo(folder)
    if len(given.words) != 2:
        parser.error("give a pattern and a folder")
    try:
        pairs = plan(given.words[0], folder)
    except (KeyError, IndexError, ValueError) as error:
        print(f"The pattern has a part I do not know: {error}", file=sys.stderr)
        return 2
    found = problems(pairs, folder)
    if found:
        print("Nothing was changed:\n  " + "\n  ".join(found), file=sys.stderr)
        return 1
    for old, new in pairs:
        print(f"{old}  ->  {new}")
    if given.go:
        moved = carry_out(pairs, folder)
        (folder / JOURNAL).write_text(json.dumps(moved), "utf-8")
        print(f"Renamed {len(moved)} files. --undo takes it back.")
    else:
        print("Nothing was changed. Add --go to do it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
