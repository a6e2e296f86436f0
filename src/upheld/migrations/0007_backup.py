"""Which archives were made, and where."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("upheld", "0006_notice")]

    operations = [
        migrations.CreateModel(
            name="Backup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField(db_index=True)),
                ("folder", models.CharField(max_length=500)),
                ("name", models.CharField(max_length=64)),
                ("size", models.BigIntegerField()),
            ],
            options={"db_table": "upheld_backup"},
        ),
    ]
