"""The log gets a name, and rows for the hashes over 256 entries each."""

import hashlib
import json

from django.db import migrations, models

_WIDTH = 256
# What logs were signed as before they had a name of their own; `upheld upgrade` gives them one.
_BEFORE = "upheld ledger"


def _leaf(entry):
    facts = {
        "at": entry.at.isoformat(),
        "event": entry.event,
        "facts": entry.facts,
        "index": entry.index,
    }
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(b"\x00" + text.encode()).digest()


def _root(nodes):
    while len(nodes) > 1:
        nodes = [
            hashlib.sha256(b"\x01" + nodes[place] + nodes[place + 1]).digest()
            for place in range(0, len(nodes), 2)
        ]
    return nodes[0]


def name_and_hash(apps, schema_editor):
    """A log that exists keeps what it was signed as; its full tiles get their hashes."""
    alias = schema_editor.connection.alias
    entry, head, origin, node = (
        apps.get_model("upheld", name)
        for name in ("LedgerEntry", "LedgerHead", "LedgerOrigin", "LedgerNode")
    )
    if not head.objects.using(alias).exists():
        return
    origin.objects.using(alias).create(first_index=0, name=_BEFORE)
    hashes = [
        _leaf(row) for row in entry.objects.using(alias).order_by("index").iterator(chunk_size=1000)
    ]
    level = 1
    while len(hashes) >= _WIDTH:
        full = range(0, len(hashes) - len(hashes) % _WIDTH, _WIDTH)
        hashes = [_root(hashes[begin : begin + _WIDTH]) for begin in full]
        node.objects.using(alias).bulk_create(
            node(level=level, index=place, node=value.hex()) for place, value in enumerate(hashes)
        )
        level += 1


class Migration(migrations.Migration):
    dependencies = [("upheld", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="LedgerOrigin",
            fields=[
                ("first_index", models.BigIntegerField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=255)),
            ],
            options={"db_table": "upheld_ledger_origin"},
        ),
        migrations.CreateModel(
            name="LedgerNode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("level", models.PositiveSmallIntegerField()),
                ("index", models.BigIntegerField()),
                ("node", models.CharField(max_length=64)),
            ],
            options={"db_table": "upheld_ledger_node"},
        ),
        migrations.AddConstraint(
            model_name="ledgernode",
            constraint=models.UniqueConstraint(
                fields=("level", "index"), name="upheld_ledger_node_place"
            ),
        ),
        migrations.AddField(
            model_name="ledgerhead",
            name="origin",
            field=models.CharField(default=_BEFORE, max_length=255),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="proofoutcome",
            name="entry_index",
            field=models.BigIntegerField(null=True),
        ),
        migrations.RunPython(name_and_hash, migrations.RunPython.noop),
    ]
