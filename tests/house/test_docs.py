"""The docs say what the program does: every name is in them, and every promise has its five."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tests.house.source import ROOT

CONTRACT = tomllib.loads((ROOT / "contract.toml").read_text("utf-8"))
HEADS = (
    "What the clause says",
    "Where it is declared",
    "The gate",
    "How it is proven",
    "Its limits",
)


def promises() -> list[str]:
    """Names of the folders in src/upheld/promises."""
    folder = ROOT / "src/upheld/promises"
    return sorted(path.name for path in folder.iterdir() if (path / "__init__.py").is_file())


def missing_of_five(name: str, root: Path = ROOT) -> list[str]:
    """Which of the five homes of one promise are not there."""
    policy = tomllib.loads((root / "demo/policy/policy.toml").read_text("utf-8"))
    homes = {
        f"[{name}] in policy.toml": name in policy,
        f"demo/policy/clauses/{name}.md": (root / f"demo/policy/clauses/{name}.md").is_file(),
        f"src/upheld/promises/{name}/": (root / f"src/upheld/promises/{name}").is_dir(),
        f"tests/upheld/promises/{name}/": (root / f"tests/upheld/promises/{name}").is_dir(),
        f"docs/promises/{name}.md": (root / f"docs/promises/{name}.md").is_file(),
    }
    return [home for home, there in homes.items() if not there]


def docs() -> str:
    """Every page of the docs and the README, as one text."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return "\n".join(page.read_text("utf-8") for page in pages)


def test_rule_of_five() -> None:
    assert {name: missing_of_five(name) for name in promises() if missing_of_five(name)} == {}


def test_each_promise_page_has_the_same_heads() -> None:
    for name in promises():
        page = (ROOT / f"docs/promises/{name}.md").read_text("utf-8")
        assert tuple(re.findall(r"^## (.+)$", page, re.M)) == HEADS, name


def test_every_command_and_setting_is_in_the_docs() -> None:
    text = docs()
    absent = [verb for verb in CONTRACT["commands"] if f"`upheld {verb}" not in text]
    absent += [name for name in CONTRACT["environment"]["names"] if name not in text]
    absent += [f"make {t}" for t in CONTRACT["make"]["targets"] if f"make {t}" not in text]
    absent += [address for address in CONTRACT["addresses"] if f"`{address}`" not in text]
    assert absent == []


def test_every_link_in_the_docs_leads_somewhere() -> None:
    dead = []
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                dead.append(f"{page.relative_to(ROOT)} → {target}")
    assert dead == []


def test_the_map_names_every_folder() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for folder in sorted(p for p in (ROOT / "src").iterdir() if (p / "__init__.py").is_file()):
        assert f"`src/{folder.name}/`" in readme
    for folder in ("demo", "tests", "docs"):
        assert f"`{folder}/`" in readme


def test_the_rules_can_fail(tmp_path: Path) -> None:
    (tmp_path / "demo/policy").mkdir(parents=True)
    (tmp_path / "demo/policy/policy.toml").write_text("[age]\n")
    assert len(missing_of_five("age", tmp_path)) == 4


def _misnumbered(pages: list[tuple[str, str]]) -> list[str]:
    """Of (file name, first line): those whose number is another's, or not the heading's."""
    numbers = [int(name[:4]) for name, _ in pages]
    return [
        name
        for (name, head), number in zip(pages, numbers, strict=True)
        if numbers.count(number) > 1 or not head.startswith(f"# {number}. ")
    ]


def test_decisions_are_numbered() -> None:
    pages = sorted((ROOT / "docs/decisions").glob("*.md"))
    named = [(page.name, page.read_text("utf-8").partition("\n")[0]) for page in pages]
    assert _misnumbered(named) == []
    assert [int(name[:4]) for name, _ in named] == list(range(1, len(named) + 1))
    planted = [("0001-a.md", "# 1. A"), ("0002-b.md", "# 3. B"), ("0003-c.md", "# 3. C")]
    assert _misnumbered(planted) == ["0002-b.md"]
    assert _misnumbered([*planted[:1], ("0001-d.md", "# 1. D")]) == ["0001-a.md", "0001-d.md"]
