#!/usr/bin/env python3
"""Draw the stock's pictures: `draw_artwork.py [FOLDER]` writes <product>.svg for each product of
stock.toml, into artwork/ beside this file unless told otherwise.

One style: flat shapes on a ground that stands for the category, two inks and one spot color, no
text, no gradients. A picture brings its own ground, so it looks the same on a light page and on a
dark one. The same script gives the same bytes, on any machine and on any day.
"""

from __future__ import annotations

import math
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT = 640, 400
INK, PAPER = "#15241e", "#f4f2ea"
SPRUCE, OCHRE, MIST, BRICK = "#1f5145", "#e3b23c", "#b7cdd0", "#cf6446"
GRAY = "#8b948d"
GROUNDS = {
    "scripts": SPRUCE, "e-books": OCHRE, "templates": MIST, "desktop-helpers": BRICK,
}
DEEP = {SPRUCE: "#184238", OCHRE: "#cf9d25", MIST: "#a3bdc1", BRICK: "#b95337"}


def n(number: float) -> str:
    """A coordinate, short."""
    return f"{number:.1f}".rstrip("0").rstrip(".")


def rect(x: float, y: float, w: float, h: float, fill: str, more: str = "") -> str:
    return f'<rect x="{n(x)}" y="{n(y)}" width="{n(w)}" height="{n(h)}" fill="{fill}"{more}/>'


def disc(x: float, y: float, r: float, fill: str) -> str:
    return f'<circle cx="{n(x)}" cy="{n(y)}" r="{n(r)}" fill="{fill}"/>'


def ring(x: float, y: float, r: float, ink: str, width: float) -> str:
    return (f'<circle cx="{n(x)}" cy="{n(y)}" r="{n(r)}" fill="none" stroke="{ink}"'
            f' stroke-width="{n(width)}"/>')


def shape(path: str, fill: str) -> str:
    return f'<path d="{path}" fill="{fill}"/>'


def stroke(path: str, ink: str, width: float) -> str:
    return f'<path d="{path}" fill="none" stroke="{ink}" stroke-width="{n(width)}"/>'


def line(x1: float, y1: float, x2: float, y2: float, ink: str, width: float = 2) -> str:
    return stroke(f"M{n(x1)} {n(y1)}L{n(x2)} {n(y2)}", ink, width)


def wedge(x: float, y: float, r: float, minutes: float, fill: str) -> str:
    """A slice of a dial, from twelve o'clock onwards; under an hour."""
    angle = math.tau * minutes / 60
    end = f"{n(x + r * math.sin(angle))} {n(y - r * math.cos(angle))}"
    large = 1 if minutes > 30 else 0
    return shape(f"M{n(x)} {n(y)}V{n(y - r)}A{n(r)} {n(r)} 0 {large} 1 {end}Z", fill)


def waves(y: float, size: float, ink: str, width: float) -> str:
    """A row of half circles right across, like water in an old map."""
    count = math.ceil(WIDTH / size) + 1
    arcs = "".join(f"a{n(size / 2)} {n(size / 2)} 0 0 0 {n(size)} 0" for _ in range(count))
    return stroke(f"M{n(-size / 2)} {n(y)}{arcs}", ink, width)


def rook(x: float, y: float, scale: float, paint: str) -> str:
    """A tower that stands on x, y; `paint` is how it is filled or outlined."""
    return (f'<path transform="translate({n(x)} {n(y)}) scale({n(scale)})" d="M-30 0h60v-14h-10'
            f'l-4 -62h8v-34h-12v12h-8v-12h-8v12h-8v-12h-12v34h8l-4 62h-10z" {paint}/>')


def rename_rook() -> list[str]:
    """The tower as it was called, and as it will be."""
    board = [rect(80 * c, 80 * r, 80, 80, DEEP[SPRUCE])
             for r in range(5) for c in range(8) if (r + c) % 2]
    was = rook(120, 280, 1, f'fill="none" stroke="{OCHRE}" stroke-width="3"')
    return [*board, line(160, 280, 440, 280, OCHRE, 4), was,
            rook(520, 320, 2.2, f'fill="{PAPER}"')]


def ledger_lark() -> list[str]:
    rules = [line(40, y, 600, y, DEEP[SPRUCE], 3) for y in range(80, 400, 40)]
    columns = [line(x, 40, x, 400, DEEP[SPRUCE], 3) for x in (400, 500)]
    sums = [rect(420, 92 + 40 * k, w, 16, OCHRE) for k, w in enumerate((60, 40, 52, 24))]
    sums += [rect(520, 92 + 40 * k, w, 16, PAPER) for k, w in enumerate((30, 60, 44, 56))]
    bird = [
        shape("M110 190a110 110 0 0 0 220 0z", PAPER),
        shape("M110 190L60 120L160 190z", PAPER),
        disc(300, 160, 46, PAPER),
        shape("M340 140L392 162L340 178z", OCHRE),
        shape("M150 190a70 70 0 0 0 140 0z", OCHRE),
        disc(312, 150, 7, INK),
        line(200, 298, 200, 360, PAPER, 5), line(240, 298, 240, 360, PAPER, 5),
        line(176, 360, 264, 360, PAPER, 5),
    ]
    return [*rules, *columns, *sums, *bird]


def dust_sheet() -> list[str]:
    """Things on a floor, all different but for two."""
    found = []
    twins = {(1, 1), (5, 2)}
    for row in range(4):
        for column in range(7):
            x, y = 65 + 85 * column, 73 + 85 * row
            kind = (row * 7 + column) % 5
            size = 14 + (row * 11 + column * 5) % 16
            if (column, row) in twins:
                found += [rect(x - 34, y - 34, 68, 68, OCHRE), disc(x, y, 20, INK)]
            elif kind in (0, 3):
                found.append(disc(x, y, size, PAPER if kind else DEEP[SPRUCE]))
            elif kind in (1, 4):
                found.append(rect(x - size, y - size, 2 * size, 2 * size,
                                  DEEP[SPRUCE] if kind == 1 else PAPER))
            else:
                found.append(shape(f"M{x - size} {y + size}h{2 * size}l{-size} {-2 * size}z",
                                   "#6f9b8b"))
    return found


def night_tide() -> list[str]:
    shades = ("#f4f2ea", "#c4d3c9", "#94b1a5", "#648f80", "#3a6d5e")
    rows = [waves(216 + 40 * k, 80, ink, 6) for k, ink in enumerate(shades)]
    return [rect(0, 0, WIDTH, HEIGHT, DEEP[SPRUCE]), disc(456, 110, 70, OCHRE),
            disc(426, 96, 62, DEEP[SPRUCE]), *rows]


def quiet_spreadsheet() -> list[str]:
    found = [rect(80, 60, 480, 280, PAPER), rect(80, 60, 480, 40, INK)]
    found += [line(80, y, 560, y, MIST, 2) for y in range(140, 340, 40)]
    found += [line(x, 100, x, 340, MIST, 2) for x in (240, 400)]
    found += [rect(100, 74, 90, 12, OCHRE), rect(260, 74, 60, 12, PAPER),
              rect(420, 74, 100, 12, PAPER)]
    for row, (a, b) in enumerate(((70, 64), (100, 102), (84, 48), (110, 84), (60, 74))):
        y = 114 + 40 * row
        found += [rect(100, y, a, 12, GRAY), rect(540 - b, y, b, 12, GRAY)]
    found.append(rect(430, 314, 110, 12, BRICK))
    return [*found, rect(400, 300, 160, 40, "none", f' stroke="{BRICK}" stroke-width="5"')]


def ship_on_tuesday() -> list[str]:
    days = [rect(40 + 80 * d, 40, 72, 250, PAPER if d == 1 else DEEP[OCHRE]) for d in range(7)]
    sea = [rect(0, 290, WIDTH, 110, SPRUCE), waves(290, 80, SPRUCE, 10),
           waves(336, 80, "#3a6d5e", 5)]
    boat = [shape("M96 262h140a70 46 0 0 1 -140 0z", INK), line(156, 264, 156, 92, INK, 6),
            shape("M164 96L246 246H164z", BRICK), shape("M148 128L100 246h48z", INK)]
    return [*days, *boat, *sea]


def backups() -> list[str]:
    """Three sheets and a clock that runs."""
    found = []
    for k, paper in enumerate((DEEP[OCHRE], "#f0d795", PAPER)):
        found.append(rect(90 + 40 * k, 60 + 30 * k, 200, 240, paper))
    found += [rect(194, 150 + 34 * k, w, 12, INK) for k, w in enumerate((90, 120, 70, 104, 50))]
    return [*found, disc(450, 210, 122, INK), disc(450, 210, 100, PAPER),
            wedge(450, 210, 100, 18, BRICK), disc(450, 210, 12, INK),
            rect(436, 62, 28, 30, INK)]


def plain_invoice() -> list[str]:
    back = [shape("M120 200h400v200H120z", SPRUCE), rect(180, 30, 280, 370, PAPER),
            rect(208, 62, 80, 12, INK), rect(208, 84, 56, 8, GRAY),
            rect(372, 62, 60, 8, GRAY), rect(372, 78, 48, 8, GRAY)]
    rows = [line(208, 150 + 34 * k, 432, 150 + 34 * k, MIST, 2) for k in range(3)]
    rows += [rect(208, 126 + 34 * k, w, 9, GRAY) for k, w in enumerate((110, 84, 96))]
    rows += [rect(392, 126 + 34 * k, 40, 9, GRAY) for k in range(3)]
    total = [rect(332, 234, 100, 18, BRICK)]
    front = [shape("M120 400V232L320 350L520 232V400z", "#2a6757"),
             rect(150, 322, 96, 48, "none", f' stroke="{PAPER}" stroke-width="3"')]
    return [*back, *rows, *total, *front]


def workshop_year() -> list[str]:
    found = []
    for week in range(52):
        row, column = divmod(week, 13)
        x, y = 59 + 42 * column, 44 + 84 * row
        chosen = (12, 4, 8, 10)[row] == column
        high = 40 + (week * 7) % 5 * 4
        ink = INK if week < 34 else PAPER
        found.append(rect(x, y + 56 - high, 18, high, BRICK if chosen else ink))
    rules = [line(40, 108 + 84 * row, 600, 108 + 84 * row, DEEP[MIST], 3) for row in range(4)]
    return [*rules, *found]


def minutes_kit() -> list[str]:
    found = []
    for k, (minutes, ink) in enumerate(((15, BRICK), (30, SPRUCE), (45, INK))):
        x = 130 + 190 * k
        found += [disc(x, 180, 84, PAPER), wedge(x, 180, 84, minutes, ink),
                  rect(x - 84, 296, 168, 10, ink), rect(x - 84, 318, 120, 10, DEEP[MIST]),
                  rect(x - 84, 340, 144, 10, DEEP[MIST])]
    return found


def heron_letters() -> list[str]:
    letter = [rect(300, 150, 270, 180, PAPER), stroke("M300 150L435 252L570 150", INK, 4),
              rect(520, 166, 34, 40, BRICK)]
    reeds = [line(x, 400, x + lean, top, DEEP[MIST], 6)
             for x, lean, top in ((40, 14, 190), (66, -10, 240), (250, 12, 230), (282, -8, 270))]
    bird = [
        shape("M96 250a86 86 0 0 0 160 30a120 120 0 0 0 -120 -60z", INK),
        stroke("M140 246C80 200 190 170 150 96", INK, 16),
        shape("M130 82h36l86 14l-86 12a18 18 0 0 1 -36 -26z", INK),
        shape("M166 90l86 6l-86 12z", BRICK),
        shape("M134 84L84 74L142 100z", INK), disc(158, 93, 3.5, PAPER),
        stroke("M164 320V400M192 318V400", INK, 5),
    ]
    return [*reeds, *letter, *bird]


def tidewatch() -> list[str]:
    dial = [disc(320, 200, 158, INK), disc(320, 200, 138, PAPER), wedge(320, 200, 138, 25, OCHRE)]
    ticks = []
    for hour in range(12):
        angle = math.tau * hour / 12
        ends = [(320 + r * math.sin(angle), 200 - r * math.cos(angle)) for r in (112, 132)]
        ticks.append(line(*ends[0], *ends[1], INK, 6))
    tide = [waves(330, 80, DEEP[BRICK], 6), waves(366, 80, DEEP[BRICK], 6)]
    hands = [line(320, 200, 320, 84, INK, 8), disc(320, 200, 13, INK)]
    return [*tide, *dial, *ticks, *hands]


def clip_basket() -> list[str]:
    slips = [
        f'<g transform="rotate({turn} {x} 200)">'
        + rect(x - 45, 70, 90, 160, PAPER)
        + "".join(rect(x - 30, 92 + 22 * k, w, 8, INK) for k, w in enumerate((60, 44, 54, 30)))
        + "</g>"
        for x, turn in ((240, -10), (400, 9), (320, 0))
    ]
    weave = [
        rect(160 + 40 * c, 210 + 36 * r, 36, 32, INK if (r + c) % 2 else OCHRE)
        for r in range(4) for c in range(8)
    ]
    return [*slips, stroke("M176 214a144 174 0 0 1 288 0", INK, 12), *weave,
            rect(144, 196, 352, 20, INK), rect(156, 350, 328, 14, INK)]


def ink_and_paper() -> list[str]:
    """Two discs, and what one is worth on the other."""
    steps = ("#15241e", "#3c4a44", "#66726c", "#8f9a94", "#bac2bd", "#f4f2ea")
    overlap = shape("M320 80.4a110 110 0 0 1 0 179.2a110 110 0 0 1 0 -179.2z", OCHRE)
    scale = [rect(80 + 80 * k, 320, 80, 40, ink) for k, ink in enumerate(steps)]
    return [disc(256.3, 170, 110, INK), disc(383.7, 170, 110, PAPER), overlap, *scale]


def margin_ruler() -> list[str]:
    """A spread with the diagonals that give the old margins."""
    pages = [rect(80, 40, 238, 320, PAPER), rect(322, 40, 238, 320, PAPER)]
    blocks = [rect(322 + 238 / 9, 40 + 320 / 9, 238 * 6 / 9, 320 * 6 / 9, OCHRE),
              rect(80 + 238 * 2 / 9, 40 + 320 / 9, 238 * 6 / 9, 320 * 6 / 9, OCHRE)]
    rules = [line(80, 360, 560, 40, INK), line(560, 360, 80, 40, INK),
             line(80, 360, 318, 40, INK), line(560, 360, 322, 40, INK)]
    marks = [line(80 + 20 * k, 374, 80 + 20 * k, 386 if k % 4 else 394, INK, 3) for k in range(25)]
    return [*pages, *blocks, *rules, *marks]


DRAWINGS: dict[str, Callable[[], list[str]]] = {
    "rename-rook": rename_rook, "ledger-lark": ledger_lark, "dust-sheet": dust_sheet,
    "night-tide": night_tide, "the-quiet-spreadsheet": quiet_spreadsheet,
    "ship-on-tuesday": ship_on_tuesday, "backups-you-have-tested": backups,
    "plain-invoice": plain_invoice, "workshop-year": workshop_year, "minutes-kit": minutes_kit,
    "heron-letters": heron_letters, "tidewatch": tidewatch, "clip-basket": clip_basket,
    "ink-and-paper": ink_and_paper, "margin-ruler": margin_ruler,
}


def picture(slug: str, category: str) -> str:
    """The SVG of one product."""
    parts = "\n".join([rect(0, 0, WIDTH, HEIGHT, GROUNDS[category]), *DRAWINGS[slug]()])
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"'
            f' viewBox="0 0 {WIDTH} {HEIGHT}">\n{parts}\n</svg>\n')


def draw(folder: Path) -> None:
    """Every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    for product in tomllib.loads((HERE / "stock.toml").read_text("utf-8"))["product"]:
        drawn = picture(product["slug"], product["category"])
        (folder / f"{product['slug']}.svg").write_text(drawn, "utf-8")


if __name__ == "__main__":
    if len(sys.argv) > 2 or "--help" in sys.argv:
        raise SystemExit(__doc__)
    draw(Path(sys.argv[1]) if len(sys.argv) == 2 else HERE / "artwork")
