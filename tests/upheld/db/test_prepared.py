"""What is asked through a prepared query is what Django's own would have said and done."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Case, Exists, F, Q, When
from django.test.utils import CaptureQueriesContext

from upheld import jobs
from upheld.db import entry_point, insertion
from upheld.db.insertion import insert
from upheld.db.prepared import Asked, Prepared, PreparedChange
from upheld.db.purpose import purpose_for_test
from upheld.jobs.models import Job
from upheld.policy.errors import UndeclaredPurpose
from upheld.promises.disclosure import Disclosure
from upheld_store.catalog.models import Category, Plan, Product
from upheld_store.orders.models import Order, OrderContact, OrderLine

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
GATE = "upheld/promises/disclosure/gate.py"
LATER = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def three_jobs() -> list[Job]:
    for name in ("a", "b", "c"):
        jobs.enqueue("send_mail", key=name, now=NOW, outbox_id=1)
    return list(Job.objects.order_by("pk"))


@pytest.fixture
def line() -> OrderLine:
    """Of an order whose buyer is known."""
    shelf = Category.objects.create(slug="s", name="Shelf")
    product = Product.objects.create(slug="p", name="Product", category=shelf)
    plan = Plan.objects.create(product=product, name="Plan", price_minor=100, currency="EUR")
    order = Order(
        number="AAAAA-BBBBB", subject_id=uuid.uuid4(), cart_digest="c", quote_digest="q",
        total_minor=100, currency="EUR", policy_version=1, placed_at=NOW,
    )  # fmt: skip
    bought = OrderLine(
        order=order, plan=plan, product_name="Product", plan_name="Plan", unit_minor=100,
        quantity=1, licensed=False,
    )  # fmt: skip
    insert(order)
    insert(bought)
    with purpose_for_test("deliver_order"):
        insert(OrderContact(order=order, email="ada@example.com", name="Ada"))
    return bought


def test_it_answers_as_the_query_set_does(line: OrderLine) -> None:
    """Related rows, an annotation, every column as Python sees it, and only one statement."""
    shown = Case(When(quantity__gte=1, then=F("unit_minor")), default=0)
    prepared = Prepared(
        lambda: (
            OrderLine.objects.filter(order=Asked("order"), quantity__gte=Asked("least"))
            .annotate(shown=shown)
            .select_related("order", "plan__product")
        )
    )
    expected: Any = OrderLine.objects.annotate(shown=shown).get()
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            found: Any = prepared.first(order=line.order_id, least=1)
            assert found.plan.product.name == "Product"
            assert (found.order.subject_id, found.order.placed_at) == (line.order.subject_id, NOW)
        assert len(captured) == 1
        assert {k: v for k, v in vars(found).items() if k != "_state"} == {
            k: v for k, v in vars(expected).items() if k != "_state"
        }
        assert not found._state.adding
    assert prepared.all(order=line.order_id, least=2) == []
    assert prepared.first(order=uuid.uuid4(), least=1) is None


def test_values_may_differ_from_one_question_to_the_next(three_jobs: list[Job]) -> None:
    two = Prepared(
        lambda: Job.objects.filter(Q(key__in=Asked.each("key", 2)), done_at=None).order_by("-key")
    )
    assert [job.key for job in two.all(key=["a", "c"])] == ["c", "a"]
    assert [job.key for job in two.all(key=["b", "nobody"])] == ["b"]
    due = Prepared(lambda: Job.objects.due(Asked("now")).values_list("key", "run_at")[:2])
    assert due.rows(now=NOW) == [["a", NOW], ["b", NOW]]
    assert due.rows(now=datetime(2026, 11, 24, tzinfo=UTC)) == []


def test_a_value_out_of_reach_is_refused() -> None:
    """Inside a query within the query nobody has looked which column it is compared with."""
    inner = Job.objects.filter(key=Asked("key"))
    with pytest.raises(TypeError, match="key is compared with no column"):
        Prepared(lambda: Job.objects.filter(Exists(inner))).all(key="a")


def test_the_monitor_is_asked_each_time(line: OrderLine) -> None:
    """Not only when the text is made: what one purpose may run another may not."""
    contact = Prepared(lambda: OrderContact.objects.all()[:1])
    rename = PreparedChange(OrderContact.objects.all, name=Asked("name"))
    with purpose_for_test("deliver_order"):
        assert contact.first() is not None
        assert rename.run(name="Ada L.") == 1
    acts: list[Callable[[], object]] = [
        contact.first,
        lambda: rename.run(name="Eve"),
        lambda: insert(OrderContact(order_id=uuid.uuid4(), email="eve@example.com")),
    ]
    for act in acts:
        with pytest.raises(UndeclaredPurpose), transaction.atomic(), entry_point("route", "x"):
            act()


def test_a_change_says_how_many_rows_it_met(three_jobs: list[Job]) -> None:
    finish = PreparedChange(
        lambda: Job.objects.filter(key=Asked("key"), done_at=None),
        done_at=Asked("now"),
        error="",
    )
    assert [finish.run(key=key, now=NOW) for key in ("a", "a", "nobody")] == [1, 0, 0]
    assert finish.run(key="b", now=LATER) == 1
    done = Job.objects.exclude(done_at=None).order_by("key").values_list("key", "done_at")
    assert list(done) == [("a", NOW), ("b", LATER)]


def test_a_removal_is_one_statement_or_none(three_jobs: list[Job]) -> None:
    remove = PreparedChange(lambda: Job.objects.filter(key=Asked("key")))
    assert (remove.run(key="a"), remove.run(key="a")) == (1, 0)
    assert Job.objects.count() == 2
    with pytest.raises(TypeError, match="refer to"):
        PreparedChange(lambda: Order.objects.filter(pk=Asked("pk"))).run(pk=uuid.uuid4())


def test_new_rows_are_stored_as_save_stores_them() -> None:
    mine = [Job(name="x", key=key, run_at=NOW, arguments={"n": key}) for key in ("k1", "k2")]
    with CaptureQueriesContext(connection) as captured:
        assert insert(*mine) == 2
    assert len(captured) == 1
    Job(name="x", key="k3", run_at=NOW, arguments={"n": "k3"}).save()
    stored = list(Job.objects.order_by("pk"))
    assert stored[:2] == mine
    facts = [
        {k: v for k, v in vars(job).items() if k not in {"_state", "id", "key", "arguments"}}
        for job in stored
    ]
    assert facts[0] == facts[1] == facts[2]
    assert [job.arguments for job in stored] == [{"n": "k1"}, {"n": "k2"}, {"n": "k3"}]
    assert not mine[0]._state.adding
    assert insert() == 0


def test_what_is_there_already_is_kept_or_dooms(three_jobs: list[Job]) -> None:
    again = Job(name="other", key="a", run_at=NOW)
    assert insert(again, Job(name="other", key="d", run_at=NOW), keep_existing=True) == 1
    assert again.pk is None
    assert Job.objects.get(key="a").name == "send_mail"
    with pytest.raises(IntegrityError), transaction.atomic():
        try:
            insert(again)
        finally:
            assert connection.needs_rollback


def test_a_closed_door_stays_closed() -> None:
    with pytest.raises(TypeError, match="own save"):
        insert(Disclosure(subject_id=uuid.uuid4(), recipient="x", fields=[], purpose="x", at=NOW))


def test_only_its_gate_opens_it() -> None:
    source = Path(insertion.__file__).parents[2]
    told = [p for p in source.rglob("*.py") if "by_its_gate=True" in p.read_text("utf-8")]
    assert [p.relative_to(source).as_posix() for p in told] == [
        "upheld/promises/disclosure/gate.py"
    ]
