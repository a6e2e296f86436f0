"""Tidewatch: start a stretch of work, be told when it is over, see where the day went.

    tidewatch start 25m Write the letter     wait, ring, write it down
    tidewatch note 40m Phone calls           write down a stretch you did without it
    tidewatch day [2026-04-30]               what one day held
    tidewatch week [2026-04-30]              hours by task, seven days up to that one
    tidewatch license KEY                    remember your license key on this machine

Everything stands in one text file: ~/.tidewatch.tsv, or the file TIDEWATCH_FILE names.
Tidewatch opens no network connection. It tells you once a start that it has no key, and
works all the same.
"""
import os
import re
import sys
import time
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path

KEY = re.compile(r"[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){4}")
MINUTES_MAX = 12 * 60


class Refused(Exception):
    """What was asked for cannot be done; says why."""


def file():
    """The one file that holds everything."""
    return Path(os.environ.get("TIDEWATCH_FILE", "~/.tidewatch.tsv")).expanduser()


def minutes(text):
    """'25m', '1h' or '1h30m' -> minutes."""
    found = re.fullmatch(r"(?:(\d{1,2})h)?(?:(\d{1,3})m)?", text)
    total = int(found[1] or 0) * 60 + int(found[2] or 0) if found else 0
    if not 0 < total <= MINUTES_MAX:
        raise Refused(f"{text!r} is not a time like 25m or 1h30m, twelve hours at most.")
    return total


def write_down(moment, length, task):
    """Add one line; a task is one line without tabs."""
    words = " ".join(task.split())
    if not words:
        raise Refused("What are you working on? Add a word or two.")
    with file().open("a", encoding="utf-8") as lines:
        lines.write(f"{moment:%Y-%m-%dT%H:%M}\t{length}\t{words}\n")
    return words


def stretches():
    """Every line as (moment, minutes, task)."""
    if not file().is_file():
        return
    for line in file().read_text("utf-8").splitlines():
        parts = line.split("\t")
        if len(parts) == 3 and not line.startswith("#"):
            yield datetime.fromisoformat(parts[0]), int(parts[1]), parts[2]


def start(words):
    """Wait out one stretch, ring the bell of the terminal, write it down."""
    length, begun = minutes(words[0] if words else ""), datetime.now()
    task = " ".join(words[1:])
    if not task.strip():
        raise Refused("What are you working on? Add a word or two.")
    end = begun + timedelta(minutes=length)
    print(f"Until {end:%H:%M}: {task}. Ctrl-C ends it early.")
    try:
        while datetime.now() < end:
            time.sleep(min(1, max(0, (end - datetime.now()).total_seconds())))
    except KeyboardInterrupt:
        length = int((datetime.now() - begun).total_seconds() // 60)
    if length:
        write_down(begun, length, task)
    print(f"\a{length} minutes, written down." if length else "Less than a minute: let go.")


def note(words):
    """Write down a stretch done without the clock."""
    length = minutes(words[0] if words else "")
    print(f"{length} minutes, written down: {write_down(datetime.now(), length, ' '.join(words[1:]))}")


def asked_day(words):
    return date.fromisoformat(words[0]) if words else date.today()


def day(words):
    """The stretches of one day, in order."""
    asked = asked_day(words)
    held = [s for s in stretches() if s[0].date() == asked]
    for moment, length, task in sorted(held):
        print(f"{moment:%H:%M}  {length:4d} min  {task}")
    print(f"{asked}: {sum(s[1] for s in held)} minutes in {len(held)} stretches")


def week(words):
    """Hours by task over seven days, the longest first."""
    last = asked_day(words)
    first, sums = last - timedelta(days=6), defaultdict(int)
    for moment, length, task in stretches():
        if first <= moment.date() <= last:
            sums[task] += length
    for task, total in sorted(sums.items(), key=lambda row: (-row[1], row[0])):
        print(f"{total // 60:3d}:{total % 60:02d}  {task}")
    print(f"{first} to {last}: {sum(sums.values()) // 60}:{sum(sums.values()) % 60:02d} hours")


def license_key(words):
    """Remember the key beside the file. Its form is checked here, and nothing is sent."""
    key = (words[0] if words else "").strip().upper()
    if not KEY.fullmatch(key):
        raise Refused("A key has five groups of five, like the one on your order page.")
    file().with_suffix(".key").write_text(key + "\n", "utf-8")
    print("Thank you. The key is kept on this machine only.")


VERBS = {"start": start, "note": note, "day": day, "week": week, "license": license_key}


def main(words):
    if not words or words[0] not in VERBS:
        print(__doc__)
        return 2
    if words[0] == "start" and not file().with_suffix(".key").is_file():
        print("(No license key yet: tidewatch license KEY)")
    try:
        VERBS[words[0]](words[1:])
    except (Refused, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
