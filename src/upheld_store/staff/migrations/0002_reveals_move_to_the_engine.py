from django.db import migrations


class Migration(migrations.Migration):
    """The record of looks is the engine's: it is about subjects, of orders and of accounts."""

    dependencies = [
        ("store_staff", "0001_initial"),
        ("store_orders", "0001_initial"),
        ("upheld", "0005_reveal"),
    ]

    operations = [
        # What was recorded without a cause is told as what it is for: help.
        migrations.RunSQL(
            "INSERT INTO upheld_reveal (subject_id, about_table, about_row, staff_number, role, "
            "fields, purpose, cause, reason, at) "
            "SELECT o.subject_id, 'store_orders_order', CAST(o.id AS varchar(64)), r.staff_id, "
            "m.role, r.fields, r.purpose, 'asked', r.reason, r.at FROM store_staff_reveal r "
            "JOIN store_orders_order o ON o.id = r.order_id "
            "JOIN store_staff_member m ON m.id = r.staff_id ORDER BY r.id",
            migrations.RunSQL.noop,
        ),
        migrations.DeleteModel(name="Reveal"),
    ]
