"""Ways round a purpose monitor that were seen or thought of. Each is a function that returns
what it got hold of: text with the marker in it, or True where it learned a fact about it."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, Concat, Length, RowNumber, Substr, Upper
from django.forms.models import model_to_dict
from django.template import Context, Engine

from tests.upheld.db.bypass_database import ALIAS, CONTACT, MARK
from upheld.db import entry_point
from upheld_store.orders.models import Order, OrderContact, OrderLink

Way = Callable[[], Any]
WAYS: dict[str, Way] = {}
SQL: dict[str, str] = {
    "select": f"SELECT email FROM {CONTACT}",
    "select star": f"SELECT * FROM {CONTACT}",
    "other case": f"SELECT EMAIL FROM {CONTACT.upper()}",
    "quoted and qualified": f'SELECT c."email" FROM main."{CONTACT}" AS c',
    "bracketed": f"SELECT [email] FROM [{CONTACT}]",
    "cte": f"WITH x AS (SELECT email AS e FROM {CONTACT}) SELECT e FROM x",
    "recursive cte": (
        f"WITH RECURSIVE x(e, n) AS (SELECT email, 1 FROM {CONTACT} UNION ALL "
        "SELECT e, n + 1 FROM x WHERE n < 3) SELECT e FROM x"
    ),
    "materialized cte": f"WITH x AS MATERIALIZED (SELECT * FROM {CONTACT}) SELECT * FROM x",
    "union": f"SELECT 'a' UNION ALL SELECT email FROM {CONTACT}",
    "scalar subquery": f"SELECT (SELECT email FROM {CONTACT})",
    "derived table": f"SELECT e FROM (SELECT email AS e FROM {CONTACT})",
    "natural join": f"SELECT * FROM store_orders_order o JOIN {CONTACT} c ON o.id = c.order_id",
    "full join using": f"SELECT email FROM {CONTACT} FULL JOIN (SELECT '' AS email) USING (email)",
    "natural full join": f"SELECT email FROM (SELECT NULL AS email) NATURAL FULL JOIN {CONTACT}",
    "full join in a cte": (
        f"WITH x AS (SELECT coalesce(email, '') AS e FROM {CONTACT} FULL JOIN "
        "(SELECT NULL AS email) USING(email)) SELECT e FROM x"
    ),
    "insert from full join": (
        "INSERT INTO store_orders_orderlink (order_id, serial, token_digest, made_at) "
        "SELECT (SELECT id FROM store_orders_order), 9, email, '2026-01-01' FROM "
        f"{CONTACT} FULL/**/JOIN (SELECT NULL AS email)\nUSING(email) WHERE email <> '' "
        "RETURNING token_digest"
    ),
    "join using oracle": (
        f"SELECT count(*) FROM (SELECT '{MARK}' AS email) JOIN {CONTACT} USING (email)"
    ),
    "natural join oracle": f"SELECT 1 FROM {CONTACT} NATURAL JOIN (SELECT 'Ada' AS name)",
    "row value oracle": f"SELECT 1 FROM {CONTACT} WHERE (email, name) = ('{MARK}', 'Ada')",
    "where oracle": f"SELECT 1 FROM {CONTACT} WHERE email LIKE 'ada%'",
    "case oracle": f"SELECT CASE WHEN email = '{MARK}' THEN 1 END FROM {CONTACT}",
    "exists oracle": f"SELECT EXISTS (SELECT 1 FROM {CONTACT} WHERE email > 'a')",
    "order by oracle": f"SELECT order_id FROM {CONTACT} ORDER BY email",
    "having oracle": f"SELECT 1 FROM {CONTACT} GROUP BY name HAVING name = 'Ada'",
    "limit oracle": f"SELECT 1 LIMIT (SELECT length(email) FROM {CONTACT})",
    "count oracle": f"SELECT count(*) FROM {CONTACT} WHERE email = '{MARK}'",
    "in oracle": f"SELECT '{MARK}' IN (SELECT email FROM {CONTACT})",
    "aggregate": f"SELECT max(email) FROM {CONTACT}",
    "aggregate filter oracle": f"SELECT count(*) FILTER (WHERE email = '{MARK}') FROM {CONTACT}",
    "window": f"SELECT first_value(email) OVER () FROM {CONTACT}",
    "group_concat": f"SELECT group_concat(email) FROM {CONTACT}",
    "json_object": f"SELECT json_object('e', email) FROM {CONTACT}",
    "json_group_array": f"SELECT json_group_array(email) FROM {CONTACT}",
    "json_each": f"SELECT value FROM {CONTACT}, json_each(json_array(email))",
    "hex and back": f"SELECT unhex(hex(email)) FROM {CONTACT}",
    "printf": f"SELECT printf('%s', email) FROM {CONTACT}",
    "index": f"SELECT min(email) FROM {CONTACT} INDEXED BY sqlite_autoindex_{CONTACT}_1",
    "update returning": f"UPDATE {CONTACT} SET order_id = order_id RETURNING email",
    "delete returning": f"DELETE FROM {CONTACT} RETURNING email",
    "insert select": (
        "INSERT INTO store_orders_orderlink (order_id, serial, token_digest, made_at) "
        f"SELECT order_id, 9, email, '2026-01-01' FROM {CONTACT} RETURNING token_digest"
    ),
    "update from": (
        f"UPDATE store_orders_order SET number = c.email FROM {CONTACT} c RETURNING number"
    ),
    "update subquery": (
        f"UPDATE store_orders_order SET number = (SELECT email FROM {CONTACT}) RETURNING number"
    ),
    "upsert": (
        f"INSERT INTO {CONTACT} (order_id, email, name) SELECT id, 'x', '' "
        "FROM store_orders_order WHERE true ON CONFLICT (order_id) "
        "DO UPDATE SET name = email || excluded.email RETURNING name"
    ),
    "replace": (
        f"REPLACE INTO {CONTACT} SELECT order_id, email, name FROM {CONTACT} RETURNING email"
    ),
    "explain": f"EXPLAIN SELECT email FROM {CONTACT} WHERE email = '{MARK}'",
    "explain query plan": f"EXPLAIN QUERY PLAN SELECT 1 FROM {CONTACT} WHERE email = '{MARK}'",
    "comment first": f"/* nothing */ -- to see\nSELECT email FROM {CONTACT}",
    "forged tag": f"/*deliver_order*/SELECT email FROM {CONTACT}",
}


def way(function: Way) -> Way:
    """Add a way, named as its function."""
    WAYS[function.__name__.replace("_", " ")] = function
    return function


def run(sql: str, parameters: Any = None) -> list[Any]:
    """All rows, through Django's cursor."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall()) if cursor.description else []


def raw() -> Any:
    """The driver's own connection."""
    connections[ALIAS].ensure_connection()
    return connections[ALIAS].connection


def _told(name: str, rows: list[Any]) -> Any:
    """An oracle tells by its answer, a plan by being made at all; the others hand out the text."""
    if "oracle" in name:
        return bool(rows and rows[0][0])
    return True if "explain" in name else rows


for _name, _sql in SQL.items():
    WAYS[f"sql {_name}"] = lambda name=_name, sql=_sql: _told(name, run(sql))

contacts = OrderContact.objects.using(ALIAS)
orders = Order.objects.using(ALIAS)


def _with_query(pickled: bytes) -> Any:
    queryset = contacts.values("email")
    queryset.query = pickle.loads(pickled)
    return queryset


def _executemany() -> Any:
    with connections[ALIAS].cursor() as cursor:
        cursor.executemany(
            f"UPDATE store_orders_order SET number = (SELECT email FROM {CONTACT} WHERE name=%s)",
            [("Ada",)],
        )
    return orders.get().number


WAYS |= {
    "orm get": lambda: contacts.get().email,
    "orm first": lambda: contacts.first().email,
    "orm values": lambda: list(contacts.values("email")),
    "orm values_list": lambda: list(contacts.values_list("email", flat=True)),
    "orm only": lambda: contacts.only("email").get().email,
    "orm defer": lambda: contacts.defer("name").get().email,
    "orm deferred access": lambda: contacts.only("pk").get().email,
    "orm refresh": lambda: OrderContact(pk=orders.get().pk).refresh_from_db(using=ALIAS) or True,
    "orm in_bulk": lambda: next(iter(contacts.in_bulk().values())).email,
    "orm iterator": lambda: [row.email for row in contacts.iterator(chunk_size=1)],
    "orm raw": lambda: [row.email for row in contacts.raw(f"SELECT * FROM {CONTACT}")],
    "orm extra select": lambda: list(contacts.extra(select={"e": "email"}).values("e")),
    "orm extra where": lambda: contacts.extra(where=[f"email = '{MARK}'"]).exists(),
    "orm filter oracle": lambda: bool(contacts.filter(email__startswith="ada").values("pk")),
    "orm exclude oracle": lambda: not contacts.exclude(email=MARK).exists(),
    "orm regex oracle": lambda: contacts.filter(email__regex=r"^ada").exists(),
    "orm exists oracle": lambda: contacts.filter(email=MARK).exists(),
    "orm count oracle": lambda: contacts.filter(email=MARK).count() == 1,
    "orm contains oracle": lambda: contacts.filter(Q(email=MARK) | Q(name="x")).count() == 1,
    "orm order_by oracle": lambda: bool(contacts.order_by("email").values_list("pk")),
    "orm latest oracle": lambda: bool(contacts.only("pk").latest("email")),
    "orm aggregate": lambda: contacts.aggregate(m=Max("email")),
    "orm annotate F": lambda: list(contacts.annotate(e=F("email")).values_list("e")),
    "orm annotate function": lambda: list(
        contacts.annotate(e=Concat(Substr("email", 1, 4), Substr("email", 5))).values_list("e")
    ),
    "orm upper oracle": lambda: bool(contacts.annotate(e=Upper("email")).values_list("e")),
    "orm length oracle": lambda: bool(contacts.annotate(n=Length("email")).values("n")),
    "orm coalesce": lambda: list(contacts.annotate(e=Coalesce("email", "name")).values("e")),
    "orm case": lambda: bool(
        contacts.values(
            hit=Case(When(email=MARK, then=Value("y")), default=Value(""), output_field=TextField())
        )
    ),
    "orm group by": lambda: list(contacts.values("email").annotate(Count("pk"))),
    "orm distinct": lambda: list(contacts.values_list("email").distinct()),
    "orm window": lambda: bool(
        contacts.annotate(n=Window(RowNumber(), order_by="email")).values("n")
    ),
    "orm union": lambda: list(contacts.values_list("email").union(contacts.values_list("name"))),
    "orm subquery": lambda: list(
        orders.annotate(e=Subquery(contacts.filter(pk=OuterRef("pk")).values("email"))).values("e")
    ),
    "orm exists subquery": lambda: orders.filter(
        Exists(contacts.filter(pk=OuterRef("pk"), email=MARK))
    ).exists(),
    "orm join values": lambda: list(orders.values("contact__email")),
    "orm join filter": lambda: orders.filter(contact__email=MARK).exists(),
    "orm select_related": lambda: orders.select_related("contact").get().contact.email,
    "orm prefetch": lambda: orders.prefetch_related("contact").get().contact.email,
    "orm relation access": lambda: orders.get().contact.email,
    "orm link to contact": lambda: (
        OrderLink.objects.using(ALIAS).filter(order__contact__email=MARK).exists() or True
    ),
    "orm update subquery": lambda: (
        orders.update(number=Subquery(contacts.values("email")[:1])) and orders.get().number
    ),
    "orm get_or_create": lambda: contacts.get_or_create(pk=orders.get().pk)[0].email,
    "orm explain": lambda: bool(contacts.filter(email=MARK).explain()),
    "repr of queryset": lambda: repr(contacts.values("email")),
    "pickle of queryset": lambda: pickle.loads(pickle.dumps(contacts.all())).get().email,
    "pickle of query": lambda: list(_with_query(pickle.dumps(contacts.values("email").query))),
    "model_to_dict": lambda: model_to_dict(contacts.get()),
    "serializer json": lambda: serializers.serialize("json", contacts.all()),
    "serializer xml": lambda: serializers.serialize("xml", contacts.all()),
    "executemany": _executemany,
}


@way
def dumpdata() -> Any:
    out = io.StringIO()
    try:
        call_command("dumpdata", "store_orders.OrderContact", database=ALIAS, stdout=out)
    except CommandError as error:
        raise (error.__context__ or error) from None
    return out.getvalue()


@way
def template() -> Any:
    text = Engine().from_string("{% for c in rows %}{{ c.email }}{% endfor %}")
    return text.render(Context({"rows": contacts.all()}))


@way
def view() -> Any:
    with entry_point("command", "migrate"):
        run(f"CREATE VIEW plain AS SELECT email AS e FROM {CONTACT}")
    return run("SELECT e FROM plain")


@way
def trigger() -> Any:
    with entry_point("command", "migrate"):
        run(
            "CREATE TRIGGER copied AFTER UPDATE ON store_orders_order BEGIN "
            f"UPDATE store_orders_order SET number = (SELECT email FROM {CONTACT}) "
            "WHERE number <> 'x'; END"
        )
    run("UPDATE store_orders_order SET currency = 'EUR'")
    return run("SELECT number FROM store_orders_order")


@way
def generated_column() -> Any:
    with entry_point("command", "migrate"):
        run(f"ALTER TABLE {CONTACT} ADD COLUMN copy TEXT AS (email || '')")
    return run(f"SELECT copy FROM {CONTACT}")


@way
def attach() -> Any:
    run(f"ATTACH '{connections[ALIAS].settings_dict['NAME']}' AS other")
    return run(f"SELECT email FROM other.{CONTACT}")


@way
def vacuum_into() -> Any:
    file = connections[ALIAS].settings_dict["NAME"] + ".copy"
    run(f"VACUUM INTO '{file}'")
    return MARK.encode() in Path(file).read_bytes()


@way
def vacuum() -> Any:
    run("VACUUM")
    return True


@way
def create_table_as() -> Any:
    run(f"CREATE TABLE copy AS SELECT email FROM {CONTACT}")
    return run("SELECT * FROM copy")


@way
def create_temp_view() -> Any:
    run(f"CREATE TEMP VIEW store_orders_orderlink AS SELECT email FROM {CONTACT}")
    return run("SELECT * FROM store_orders_orderlink")


@way
def create_temp_trigger() -> Any:
    run(f"CREATE TEMP TRIGGER t AFTER UPDATE ON {CONTACT} BEGIN SELECT 1; END")
    return True


@way
def full_text_index() -> Any:
    run("CREATE VIRTUAL TABLE fx USING fts5(email)")
    return True


@way
def drop_and_rename() -> Any:
    run(f"ALTER TABLE {CONTACT} RENAME TO store_plain")
    return run("SELECT email FROM store_plain")


@way
def writable_schema() -> Any:
    run("PRAGMA writable_schema = ON")
    return True


@way
def planner_statistics() -> Any:
    run("ANALYZE")
    return run("SELECT quote(sample) FROM sqlite_stat4") and True


@way
def pragma_optimize() -> Any:
    run("PRAGMA optimize")
    return True


@way
def pragma_secure_delete_off() -> Any:
    return run("PRAGMA secure_delete = OFF") == [(0,)]


@way
def reindex() -> Any:
    run("REINDEX")
    return True
