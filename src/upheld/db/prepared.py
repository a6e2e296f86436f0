"""Queries that the purchase asks again and again: described once, turned into SQL once.

Django builds a query set's SQL anew each time, which costs ten times what SQLite needs to answer
it. What runs is the same text through the same guarded cursor, so the monitor decides as ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from django.db import connection, transaction
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql import DeleteQuery, Query, UpdateQuery
from django.db.models.sql.where import WhereNode

_M = TypeVar("_M", bound=Model)
_Row = list[Any]


class Asked(Expression):
    """The place of a value that is known only when the query is asked. It stands where the value
    would: `filter(order=Asked("order"))`."""

    def __init__(self, name: str, index: int | None = None) -> None:
        super().__init__()
        self.name, self.index = name, index
        self.compared_with: Field[Any, Any] | None = None

    @classmethod
    def each(cls, name: str, count: int) -> list[Asked]:
        """The places of so many values, asked as one sequence: `filter(pk__in=Asked.each(…))`."""
        return [cls(name, index) for index in range(count)]

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        """Itself: it names no column."""
        return self

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        """One placeholder, and itself in the parameter's place."""
        return "%s", [self]

    def value_of(self, asked: dict[str, Any]) -> Any:
        """The parameter, as the column compared with stores it."""
        if self.compared_with is None:
            raise TypeError(f"{self.name} is compared with no column.")
        value = asked[self.name] if self.index is None else asked[self.name][self.index]
        return self.compared_with.get_db_prep_value(value, connection)


@dataclass(frozen=True, slots=True)
class _Text:
    sql: str
    params: tuple[Any, ...]

    def bound(self, asked: dict[str, Any]) -> list[Any]:
        return [p.value_of(asked) if isinstance(p, Asked) else p for p in self.params]


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: _Text
    converters: tuple[tuple[int, Any, Any], ...]
    compiler: Any

    def rows(self, asked: dict[str, Any]) -> list[_Row]:
        with connection.cursor() as cursor:
            cursor.execute(self.text.sql, self.text.bound(asked))
            found = [list(row) for row in cursor.fetchall()]
        for row in found:
            for at, converters, expression in self.converters:
                for convert in converters:
                    row[at] = convert(row[at], expression, connection)
        return found


class Prepared(Generic[_M]):
    """A query set whose SQL is built at the first question. `describe` returns it, with `Asked`
    in the place of each value; keys are asked by their value, not by the object."""

    def __init__(self, describe: Callable[[], QuerySet[_M, Any]]) -> None:
        self._describe = describe
        self._compiled: _Compiled | None = None
        self._build: Callable[[_Row], _M] | None = None

    def rows(self, **asked: Any) -> list[_Row]:
        """The columns as they were selected, converted as Django does."""
        if self._compiled is None:
            self._compiled = _compile(self._describe())
        return self._compiled.rows(asked)

    def all(self, **asked: Any) -> list[_M]:
        """Model instances, with what `select_related` and `annotate` add to them."""
        rows = self.rows(**asked)
        if self._build is None and self._compiled is not None:
            self._build = cast("Callable[[_Row], _M]", _builder(self._compiled.compiler))
        return [self._build(row) for row in rows] if self._build else []

    def first(self, **asked: Any) -> _M | None:
        """The first instance, or None. Limit the query set to one."""
        found = self.all(**asked)
        return found[0] if found else None


class PreparedChange:
    """An update of the rows that a query set names, or, without values, their removal. `describe`
    and `values` hold `Asked` in the place of each value."""

    def __init__(self, describe: Callable[[], QuerySet[Any, Any]], **values: Any) -> None:
        self._describe, self._values = describe, values
        self._text: _Text | None = None

    def run(self, **asked: Any) -> int:
        """How many rows it changed. An error dooms the transaction, as Django's own does."""
        if self._text is None:
            self._text = self._write()
        dooming = transaction.mark_for_rollback_on_error(connection.alias)
        with dooming, connection.cursor() as cursor:
            cursor.execute(self._text.sql, self._text.bound(asked))
            changed: int = cursor.rowcount
        return changed

    def _write(self) -> _Text:
        queryset = self._describe()
        meta = queryset.model._meta
        if self._values:
            query: Any = queryset.query.chain(UpdateQuery)
            query.add_update_values(self._values)
            for name, value in self._values.items():
                if isinstance(value, Asked):
                    value.compared_with = meta.get_field(name)
        elif meta.related_objects:
            raise TypeError(f"Other tables refer to {meta.label}: Django must see to them.")
        else:
            query = queryset.query.chain(DeleteQuery)
        return _text(query)[0]


def _text(query: Any) -> tuple[_Text, Any]:
    """The SQL, with each `Asked` told what it is compared with, and its compiler."""
    compiler = query.get_compiler(connection=connection)
    sql, params = compiler.as_sql()
    for lookup in _lookups(compiler.query.where):
        # Of a list, Django makes one expression.
        listed: list[Any] = getattr(lookup.rhs, "get_source_expressions", list)()
        for value in (lookup.rhs, *listed):
            if isinstance(value, Asked):
                value.compared_with = lookup.lhs.output_field
    return _Text(sql, tuple(params)), compiler


def _compile(queryset: QuerySet[Any, Any]) -> _Compiled:
    text, compiler = _text(queryset.query)
    selected = [expression for expression, _, _ in compiler.select]
    converters = compiler.get_converters(selected)
    return _Compiled(
        text,
        tuple((at, found, expression) for at, (found, expression) in converters.items()),
        compiler,
    )


def _lookups(where: WhereNode) -> Iterator[Any]:
    for child in where.children:
        if isinstance(child, WhereNode):
            yield from _lookups(child)
        elif hasattr(child, "rhs"):
            yield child
            if isinstance(child.rhs, Query):  # a query within, as in day__in=…
                yield from _lookups(child.rhs.where)


def _builder(compiler: Any) -> Callable[[_Row], Model]:
    """A row of this query → its instance, as `ModelIterable` makes it."""
    alias, columns = connection.alias, compiler.klass_info["select_fields"]
    model = compiler.klass_info["model"]
    begin, end = columns[0], columns[-1] + 1
    names = [column.target.attname for column, _, _ in compiler.select[begin:end]]
    populators_of: Any = get_related_populators  # whose stubs are of a later Django
    related = populators_of(compiler.klass_info, compiler.select, alias)
    annotated = tuple((compiler.annotation_col_map or {}).items())

    def build(row: _Row) -> Model:
        made: Model = model.from_db(alias, names, row[begin:end])
        for populator in related:
            populator.populate(row, made)
        for name, at in annotated:
            setattr(made, name, row[at])
        return made

    return build
