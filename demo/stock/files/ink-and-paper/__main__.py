"""Ink and Paper: can people read this color on that one?

    ink-and-paper #1f3a34 #f6f3ea        the contrast, and what it is enough for
    ink-and-paper #7a8f2a #ffffff --fix  also the nearest ink that is enough for text

Computes the contrast ratio of the Web Content Accessibility Guidelines 2.2.
"""
import re
import sys

TEXT, LARGE = 4.5, 3.0


def parse(text):
    """'#abc' or '#aabbcc' -> three numbers of 0 to 255."""
    found = re.fullmatch(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", text)
    if not found:
        raise ValueError(f"{text!r} is not a color like #1f3a34.")
    digits = found[1] if len(found[1]) == 6 else "".join(d * 2 for d in found[1])
    return tuple(int(digits[i : i + 2], 16) for i in (0, 2, 4))


def luminance(color):
    parts = [c / 255 for c in color]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(ink, paper):
    light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def enough(ink, paper):
    """The nearest ink on the way to black or white that reaches 4.5, or None."""
    best = None
    for end in (0, 255):
        for step in range(101):
            tried = tuple(round(c + (end - c) * step / 100) for c in ink)
            if contrast(tried, paper) >= TEXT:
                if best is None or step < best[0]:
                    best = (step, tried)
                break
    return best[1] if best else None


def main(words):
    fix = "--fix" in words
    colors = [word for word in words if word != "--fix"]
    if len(colors) != 2:
        print(__doc__)
        return 2
    try:
        ink, paper = map(parse, colors)
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 2
    ratio = contrast(ink, paper)
    # Cut off, not rounded: 4.499 must not read as 4.50.
    print(f"{int(ratio * 100) / 100:.2f} to 1")
    print(f"  text         {'yes' if ratio >= TEXT else 'no'}  (needs 4.5)")
    print(f"  large text   {'yes' if ratio >= LARGE else 'no'}  (needs 3.0)")
    if fix and ratio < TEXT:
        print("  try          #%02x%02x%02x" % enough(ink, paper))
    return 0 if ratio >= TEXT else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
