"""The engine as a Django app: the policy is read and in force before anything else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings

from upheld.policy import Finding, Policy, install_chosen, load
from upheld.policy.archive import ARCHIVE_FOLDER, read_archive
from upheld.policy.choosing import choose

# What Django and allauth bring along has no inventory of its own, so the engine ships one for each
# of their apps, named like the app.
_SHIPPED = Path(__file__).parent / "inventories"


class UpheldConfig(AppConfig):
    """Reads the policy and every installed app's inventory; refuses to start on any error."""

    name = "upheld"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Raises `PolicyInvalid` with every finding."""
        # What stands beside it has models, which cannot be made any earlier.
        from upheld.promises.disclosure import closed  # noqa: PLC0415

        closed.close(Path(settings.UPHELD_HOME) / "egress")
        choose_policy(datetime.now(UTC).date())


def choose_policy(today: date) -> None:
    """Put in force what the policy folder says for `today`. Raises `PolicyInvalid`."""
    folder, findings = Path(settings.UPHELD_POLICY), list[Finding]()
    archive = read_archive(folder / ARCHIVE_FOLDER, findings)
    inventories, user_table = inventory_files(), _user_table()

    def read(policy_dir: Path) -> Policy:
        return load(policy_dir, inventories, user_table=user_table)

    found = choose(folder, read, archive, today)
    install_chosen(replace(found, findings=(*findings, *found.findings)))


def inventory_files() -> list[Path]:
    """Every `inventory.toml` in an installed app's folder, in the order of INSTALLED_APPS; once
    each, where an app's folder lies in another's. For an app of others, the engine's own."""
    found = (
        file
        for config in apps.get_app_configs()
        for file in (
            *sorted(Path(config.path).rglob("inventory.toml")),
            *filter(Path.is_file, [_SHIPPED / f"{config.name}.toml"]),
        )
    )
    return list(dict.fromkeys(found))


def _user_table() -> str:
    """The table of whoever signs in; a site without accounts has none."""
    if not apps.is_installed("django.contrib.auth"):
        return "AUTH_USER"
    return str(apps.get_model(settings.AUTH_USER_MODEL)._meta.db_table)
