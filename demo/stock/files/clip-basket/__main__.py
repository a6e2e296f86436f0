"""Clip Basket: the sentences you type again and again, kept in one file you can read.

    clip-basket put NAME [TEXT ...]   keep a text (without TEXT: what is typed or piped in)
    clip-basket get NAME [KEY=VALUE]  print it, {key} filled in
    clip-basket find WORD             names and first lines that hold the word
    clip-basket list                  every name
    clip-basket drop NAME             take one out

The basket is ~/.clip-basket.json, or the file CLIP_BASKET names.
"""
import json
import os
import re
import sys
from pathlib import Path


class Refused(Exception):
    """What was asked for cannot be done; says why."""


def path():
    return Path(os.environ.get("CLIP_BASKET", "~/.clip-basket.json")).expanduser()


def load():
    """The basket as a dict; a broken file is left alone and named."""
    try:
        clips = json.loads(path().read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        raise Refused(f"{path()} is not a basket. It was left as it is.") from None
    return {str(name): str(text) for name, text in clips.items()}


def save(clips):
    """Write beside, then swap: a power cut leaves the old basket or the new one."""
    part = path().with_name(path().name + ".part")
    part.write_text(json.dumps(clips, indent=1, ensure_ascii=False, sort_keys=True), "utf-8")
    os.replace(part, path())


def take(clips, name):
    if name not in clips:
        near = [other for other in sorted(clips) if name.lower() in other.lower()]
        raise Refused(f"No clip is called {name}." + (f" Near: {', '.join(near)}" if near else ""))
    return clips[name]


def put(clips, name, *words):
    text = " ".join(words) or sys.stdin.read().rstrip("\n")
    if not text:
        raise Refused("There is no text to keep.")
    known = name in clips
    save({**clips, name: text})
    print(f"{'Changed' if known else 'Kept'} {name}.")


def get(clips, name, *pairs):
    text = take(clips, name)
    given = dict(pair.partition("=")[::2] for pair in pairs)
    missing = sorted(set(re.findall(r"\{(\w+)\}", text)) - set(given))
    if missing:
        raise Refused("Still to fill in: " + ", ".join(f"{key}=..." for key in missing))
    print(re.sub(r"\{(\w+)\}", lambda part: given[part[1]], text))


def find(clips, word):
    for name, text in sorted(clips.items()):
        if word.lower() in f"{name} {text}".lower():
            print(f"{name}: {text.splitlines()[0]}")


def list_all(clips):
    print("\n".join(sorted(clips)) or "The basket is empty.")


def drop(clips, name):
    take(clips, name)
    save({other: text for other, text in clips.items() if other != name})
    print(f"Took {name} out.")


VERBS = {"put": put, "get": get, "find": find, "list": list_all, "drop": drop}


def main(words):
    if not words or words[0] not in VERBS:
        print(__doc__)
        return 2
    try:
        VERBS[words[0]](load(), *words[1:])
    except Refused as problem:
        print(problem, file=sys.stderr)
        return 1
    except TypeError:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
