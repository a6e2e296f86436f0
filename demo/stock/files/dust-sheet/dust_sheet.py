#!/usr/bin/env python3
"""Dust Sheet: find files that are there twice. It never deletes anything.

    dust_sheet.py FOLDER [--at-least BYTES]
"""
import argparse
import hashlib
import os
import sys
from collections import defaultdict
from pathlib import Path


def files(folder):
    """Every ordinary file below a folder; links are not followed."""
    for where, _, names in os.walk(folder):
        for name in names:
            path = Path(where) / name
            if path.is_file() and not path.is_symlink():
                yield path


def digest(path):
    """SHA-256 of a file, read in blocks."""
    sum_so_far = hashlib.sha256()
    with path.open("rb") as content:
        for block in iter(lambda: content.read(1 << 20), b""):
            sum_so_far.update(block)
    return sum_so_far.hexdigest()


def doubles(folder, at_least):
    """Groups of equal files, the most wasteful first: [(size, [paths])]."""
    by_size = defaultdict(list)
    for path in files(folder):
        size = path.stat().st_size
        if size >= at_least:
            by_size[size].append(path)
    groups = []
    for size, paths in by_size.items():
        by_digest = defaultdict(list)
        # Only files of one size can be equal, so most files are never read at all.
        for path in paths if len(paths) > 1 else ():
            by_digest[digest(path)].append(path)
        groups += [(size, sorted(same)) for same in by_digest.values() if len(same) > 1]
    return sorted(groups, key=lambda group: (-group[0] * (len(group[1]) - 1), group[1]))


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--at-least", type=int, default=1, metavar="BYTES")
    given = parser.parse_args(arguments)
    if not os.path.isdir(given.folder):
        print(f"{given.folder} is not a folder.", file=sys.stderr)
        return 2
    groups = doubles(given.folder, given.at_least)
    for size, same in groups:
        print(f"{len(same)} times {size:,} bytes")
        for path in same:
            print(f"    {path}")
    spare = sum(size * (len(same) - 1) for size, same in groups)
    print(f"{len(groups)} groups, {spare:,} bytes to spare. Nothing was deleted.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
