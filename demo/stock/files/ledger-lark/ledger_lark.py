#!/usr/bin/env python3
"""Ledger Lark: what came in and what went out, by month and by category, from a CSV file.

    ledger_lark.py FILE.csv [--by month|category] [--markdown]

The file needs three columns named date (2026-04-30), category and amount (-12.50). Others
are passed over. Amounts are added as exact decimals, never as floating numbers.
"""
import argparse
import csv
import sys
from collections import defaultdict
from datetime import date
from decimal import Decimal, InvalidOperation


class BadLine(Exception):
    """A line of the file cannot be read; says which and why."""


def read(lines):
    """Rows of (month, category, amount)."""
    table = csv.DictReader(lines)
    missing = {"date", "category", "amount"} - set(table.fieldnames or ())
    if missing:
        raise BadLine("The first line lacks: " + ", ".join(sorted(missing)))
    for row in table:
        try:
            day = date.fromisoformat((row["date"] or "").strip())
            amount = Decimal((row["amount"] or "").replace(",", "").strip())
            if not amount.is_finite():
                raise InvalidOperation
        except (ValueError, InvalidOperation):
            raise BadLine(f"Line {table.line_num}: {row['date']!r}, {row['amount']!r}") from None
        yield f"{day:%Y-%m}", (row["category"] or "").strip() or "other", amount


def totals(rows, by):
    """[(key, in, out, net)] sorted by key."""
    sums = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for month, category, amount in rows:
        sums[month if by == "month" else category][amount < 0] += amount
    return [(key, into, out, into + out) for key, (into, out) in sorted(sums.items())]


def render(found, by, markdown):
    """The table as text, columns lined up."""
    head = (by, "in", "out", "net")
    total = ("total", *(sum((row[i] for row in found), Decimal(0)) for i in (1, 2, 3)))
    rows = [head, *((k, f"{a:,.2f}", f"{b:,.2f}", f"{c:,.2f}") for k, a, b, c in [*found, total])]
    if markdown:
        out = ["| " + " | ".join(row) + " |" for row in rows]
        return "\n".join([out[0], "|---|--:|--:|--:|", *out[1:]])
    wide = [max(len(row[i]) for row in rows) for i in range(4)]
    return "\n".join(
        row[0].ljust(wide[0]) + "".join("  " + row[i].rjust(wide[i]) for i in (1, 2, 3))
        for row in rows
    )


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file")
    parser.add_argument("--by", choices=("month", "category"), default="month")
    parser.add_argument("--markdown", action="store_true")
    given = parser.parse_args(arguments)
    try:
        with open(given.file, encoding="utf-8-sig", newline="") as lines:
            found = totals(read(lines), given.by)
    except (OSError, UnicodeDecodeError, BadLine) as problem:
        print(f"Nothing was added up. {problem}", file=sys.stderr)
        return 1
    print(render(found, given.by, given.markdown))
    return 0


if __name__ == "__main__":
    sys.exit(main())
