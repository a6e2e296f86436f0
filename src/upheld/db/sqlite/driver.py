"""The one import of a database driver. Debian's own SQLite can lose acknowledged commits, so the
driver is pysqlite3, which brings a newer library; its interface is the standard module's."""

from __future__ import annotations

import datetime
import decimal
from typing import TYPE_CHECKING

from django.db.backends.sqlite3.base import adapt_date, adapt_datetime, decoder
from django.utils.dateparse import parse_date, parse_datetime, parse_time

if TYPE_CHECKING:
    from sqlite3 import dbapi2  # noqa: TID251 - its stubs describe pysqlite3 too
else:
    from pysqlite3 import dbapi2  # noqa: TID251 - db/ is where the ban points

__all__ = ["Database"]

Database = dbapi2

# Django registers these with the standard module alone.
Database.register_converter("bool", b"1".__eq__)
Database.register_converter("date", decoder(parse_date))
Database.register_converter("time", decoder(parse_time))
Database.register_converter("datetime", decoder(parse_datetime))
Database.register_converter("timestamp", decoder(parse_datetime))
Database.register_adapter(decimal.Decimal, str)
Database.register_adapter(datetime.date, adapt_date)
Database.register_adapter(datetime.datetime, adapt_datetime)
