"""The words of the clauses with the policy's facts filled in. A number in prose that is no fact
is refused: it would go on saying sixty when the policy says ninety."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from upheld.policy.errors import Finding, PolicyInvalid
from upheld.policy.facts import all_facts, escaped, plain_facts
from upheld.policy.model import Clause, Policy
from upheld.policy.policy_file import PolicyFile
from upheld.policy.reading import TomlFile, read_text

# The order in which a person reads; a section of the owner's own follows after these.
READING_ORDER = (
    "about", "collection", "purpose", "retention", "disclosure", "cookies", "mail", "consent",
    "rights", "access", "erasure", "age", "transport", "links", "notice", "evidence",
)  # fmt: skip
_SECTION = re.compile(r"# (\S.*)")
_CLAUSE = re.compile(r"## (P(?:0[1-9]|[1-4]\d|50)) (\S.*)", re.ASCII)
_FACT = re.compile(r"\{([a-z0-9_.]+)\}", re.ASCII)
_BRACE = re.compile(r"[{}]")
# A clause's id and the target of a link may hold digits.
_NOT_PROSE = re.compile(r"\bP\d\d\b|\]\([^)\s]{0,300}\)", re.ASCII)
_WORD = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
    r"fifteen|sixteen|eighteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)"
)
_NUMBER = re.compile(
    rf"\d[\d.,]*|\b{_WORD}(?:[- ]{_WORD}){{0,3}}[- ](?:second|minute|hour|day|week|month|year)s?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PublicSection:
    """One part of the public text: a clause file, in the order a person reads."""

    name: str
    title: str
    clauses: tuple[Clause, ...]


@dataclass(slots=True)
class Words:
    """The clauses while they are gathered."""

    clauses: dict[str, Clause] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)


def public_text(policy: Policy) -> list[PublicSection]:
    """The sections of the policy page, each with its clauses by number."""
    return [
        PublicSection(name, title, tuple(c for c in policy.clauses.values() if c.section == name))
        for name, title in policy.sections.items()
    ]


def digest_of(clauses: Iterable[Clause], titles: Mapping[str, str]) -> str:
    """SHA-256 of the public text: what a version of the policy froze."""
    parts = [f"# {title}" for title in titles.values()]
    parts += [f"## {clause.id} {clause.title}\n\n{clause.markdown}" for clause in clauses]
    return hashlib.sha256("\n\n".join(parts).encode()).hexdigest()


def render_clauses(folder: Path, policy: PolicyFile, findings: list[Finding]) -> Words:
    """Every clause of the folder's files, facts filled in, by number."""
    words, facts = Words(), all_facts(policy)
    try:
        files = sorted(folder.glob("*.md"))
    except OSError:
        files = []
    if not files:
        remedy = "Put the words there, one file a section."
        findings.append(Finding(str(folder), None, None, "there are no clauses here", remedy))
    order = {name: place for place, name in enumerate(READING_ORDER)}
    for file in sorted(files, key=lambda f: (order.get(f.stem, len(order)), f.stem)):
        try:
            _read_section(file, read_text(file), words, facts, findings)
        except PolicyInvalid as error:
            findings.extend(error.findings)
    words.clauses = dict(sorted(words.clauses.items()))
    return words


def _read_section(
    file: Path, text: str, words: Words, facts: Mapping[str, str], findings: list[Finding]
) -> None:
    clause: str | None = None
    bodies: dict[str, list[str]] = {}
    sources: dict[str, list[str]] = {}
    titles: dict[str, str] = {}

    def wrong(problem: str, remedy: str) -> None:
        findings.append(Finding(str(file), number, clause, problem, remedy))

    for number, line in enumerate(text.split("\n"), 1):
        filled, problems = fill(line, facts)
        if heading := _CLAUSE.fullmatch(filled):
            clause = heading[1]
            if clause in words.lines:
                wrong("this clause stands twice", f"The other is at {words.lines[clause]}.")
            words.lines.setdefault(clause, f"{file}:{number}")
            bodies[clause], sources[clause], titles[clause] = [], [line], heading[2]
        elif number == 1 and (title := _SECTION.fullmatch(filled)):
            words.titles[file.stem] = title[1]
        elif line.startswith("#"):
            wrong(f"{line!r} is no heading of a clause", "Write it as ## P20 Title.")
        elif clause is not None:
            bodies[clause].append(filled)
            sources[clause].append(line)
        elif line.strip():
            wrong("words that stand in no clause", "Put them under ## P20 Title.")
        for problem in problems:
            wrong(*problem)
    number, clause = 1, None
    if file.stem not in words.titles:
        wrong("the file has no title", "Begin it with # Title.")
    for name, body in bodies.items():
        markdown, source = "\n".join(body).strip(), "\n".join(sources[name]).strip()
        words.clauses.setdefault(name, Clause(name, file.stem, titles[name], markdown, source))


def fill(text: str, facts: Mapping[str, str]) -> tuple[str, list[tuple[str, str]]]:
    """The text with its facts, and every (problem, remedy) of it."""
    problems = []
    known = "a fact is named as in policy.toml, such as {retention.private_financial_days}"
    for name in _FACT.findall(text):
        if name not in facts:
            problems.append((f"there is no fact {{{name}}}", f"Correct the name: {known}."))
    prose = _FACT.sub("", text)
    if _BRACE.search(prose):
        problems.append(("a brace that holds no fact", f"Remove it: {known}."))
    for number in _NUMBER.findall(_NOT_PROSE.sub("", prose)):
        problems.append(
            (
                f"the number {number!r} is no fact of the policy",
                "Name the fact it stands for in braces, or say it without a number.",
            )
        )
    return _FACT.sub(lambda found: facts.get(found[1], ""), text), problems


def fill_words(policy: PolicyFile, file: TomlFile, findings: list[Finding]) -> PolicyFile:
    """The policy with the facts in its own `words` and sentences filled in."""
    facts = plain_facts(policy)

    def plain(text: str, *path: str, clause: str | None = None) -> str:
        full, problems = fill(text, facts)
        findings.extend(file.finding(path, *problem, clause) for problem in problems)
        return full

    def filled(text: str, *path: str, clause: str | None = None) -> str:
        return escaped(plain(text, *path, clause=clause))

    return replace(
        policy,
        purposes={
            n: replace(
                p,
                words=filled(p.words, "purpose", n, clause=p.clause),
                # No Markdown: what a consent is bound to is the sentence itself.
                ask=plain(p.ask, "purpose", n, clause=p.clause),
            )
            for n, p in policy.purposes.items()
        },
        fields={
            n: replace(f, words=filled(f.words, "collection", "fields", n, clause=f.clause))
            for n, f in policy.fields.items()
        },
        recipients={
            n: replace(r, words=filled(r.words, "disclosure", n, "words", clause=r.clause))
            for n, r in policy.recipients.items()
        },
        cookies={
            n: replace(c, words=filled(c.words, "cookies", n, "words", clause=c.clause))
            for n, c in policy.cookies.items()
        },
        mails={
            n: replace(m, words=filled(m.words, "mail", n, "words", clause=m.clause))
            for n, m in policy.mails.items()
        },
        erasure=replace(
            policy.erasure,
            stays={
                n: replace(s, words=filled(s.words, "erasure", "stays", n, "words", clause="P41"))
                for n, s in policy.erasure.stays.items()
            },
        ),
        consent_method=filled(policy.consent_method, "consent", "method"),
        review=filled(policy.review, "notice", "review"),
        changes=filled(policy.changes, "notice", "changes"),
        signals=filled(policy.signals, "notice", "signals"),
    )
