"""The lines to paste: what an inventory or the policy needs for something new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from upheld.policy import Policy
from upheld.policy.model import Table
from upheld.promises.collection.introspection import Relation

JSON_LINE = (
    "Add the key to [tables.{table}]:\n"
    '    json = {{ {column} = {{ {key} = "not personal: why" }} }}'
)
# What a column's name suggests → category and words of a new field.
_GUESSES = (
    ("mail", "user.contact.email", "your e-mail address"),
    ("phone", "user.contact.phone_number", "your phone number"),
    ("street", "user.contact.address.street", "your street"),
    ("name", "user.name", "your name"),
    ("birth", "user.demographic.date_of_birth", "your date of birth"),
)
_OTHER = ("", "user.content", "say in a few words what it is")


def quoted(words: Iterable[str]) -> str:
    """`["a", "b"]` as TOML writes it."""
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


def inline(pairs: Mapping[str, str]) -> str:
    """`{ a = "x" }` as TOML writes it."""
    return "{ " + ", ".join(f'{name} = "{value}"' for name, value in pairs.items()) + " }"


def new_table(relation: Relation, likely: list[str]) -> str:
    """For a table or view without an entry; `likely` are columns that sound personal."""
    keys = [name for name in relation.columns if name not in likely]
    noun = relation.name.rsplit("_", 1)[-1]
    json = sorted(relation.json)
    more = [
        "    json = { " + ", ".join(f'{c} = {{ key = "not personal: why" }}' for c in json) + " }"
    ] if json else []  # fmt: skip
    plain = [f"    [tables.{relation.name}]", '    not_personal = "why none of '
             f'{", ".join(relation.columns)} is about a person"', *more]  # fmt: skip
    chosen = likely or [name for name in keys if name != "id"][:1]
    personal = [
        f"    [tables.{relation.name}]",
        '    owner  = "the column that leads to the subject, such as '
        'order_id>store_orders_order.subject_id"',
        '    starts = "the column from which its period counts"',
        f"    keys   = {quoted(name for name in relation.columns if name not in chosen)}",
        f"    fields = {inline({name: f'{noun}.{name}' for name in chosen})}",
        '    writes = ["the purpose that collects it"]',
        *more,
    ]
    first, second = (personal, plain) if likely else (plain, personal)
    return "\n".join(["Add one of the two:", *first, "  or", *second])


def field_line(policy: Policy, table: Table, column: str) -> str:
    """For a new column of a personal table."""
    name = f"{_noun(table)}.{column}"
    return "\n".join(
        [
            f"If it is personal, write in [tables.{table.name}]:",
            f"    fields = {inline({**table.fields, column: name})}",
            *_policy_lines(policy, table, name, column),
            "  If anyone may read it (a number, a date, a reference), write instead:",
            f"    keys = {quoted(sorted({*table.keys, column}))}",
        ]
    )


def key_line(policy: Policy, table: Table, column: str) -> str:
    """For a column that sounds personal where nothing should be."""
    name = f"{_noun(table)}.{column}"
    if table.is_personal:
        return "\n".join(
            [
                f"Take it out of keys, and write in [tables.{table.name}]:",
                f"    fields = {inline({**table.fields, column: name})}",
                *_policy_lines(policy, table, name, column),
            ]
        )
    return "\n".join(
        [
            "Move it to a table of its own that is wholly personal:",
            f"    [tables.{table.name}{column}]",
            f'    owner  = "id>{table.name}.{table.subject or "id"}"',
            '    keys   = ["id"]',
            f"    fields = {inline({column: name})}",
            *_policy_lines(policy, table, name, column),
            f"  If it is about no person, say so in the reason of [tables.{table.name}]:",
            f'    not_personal = "{table.not_personal} {column}: why it is nobody\'s."',
        ]
    )


def new_json(table: Table, column: str) -> str:
    """For a JSON column whose keys are unknown."""
    return (
        f"Add the keys it may hold to [tables.{table.name}]:\n"
        f'    json = {{ {column} = {{ key = "not personal: why" }} }}'
    )


def new_input(form: str, name: str, field: str | None) -> str:
    """For an input without a line."""
    line = f'"{field}"' if field else '{ not_personal = "why" }'
    key = f'"{form}"' if not form.isidentifier() else form
    words = [f"Add to the inventory:\n    [inputs.{key}]\n    {name} = {line}"]
    if field is None:
        words.append(
            "  If it asks for something personal, write instead\n"
            f'    {name} = "the.field"\n  and build it with declared_input("the.field").'
        )
    return "\n".join(words)


def _noun(table: Table) -> str:
    """What the table's fields are called by: `order` of `order.email`."""
    first = next(iter(table.fields.values()), "")
    return first.partition(".")[0] or table.name.rsplit("_", 1)[-1]


def _policy_lines(policy: Policy, table: Table, name: str, column: str) -> list[str]:
    """What policy.toml needs, unless it names the field already."""
    if name in policy.fields:
        return []
    _, category, words = next((g for g in _GUESSES if g[0] in column.lower()), _OTHER)
    purposes = sorted(table.writes) or ["the_purpose"]
    return [
        "  and in policy.toml, under [collection.fields]:",
        f'    "{name}" = {{ clause = "P10", words = "{words}", category = "{category}", '
        f"purposes = {quoted(purposes)}, kept_days = 365 }}",
    ]
