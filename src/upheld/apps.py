"""The engine as a Django app: the policy is read and in force before anything else is."""

from __future__ import annotations

from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings

from upheld.policy import install, load

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
        install(load(Path(settings.UPHELD_POLICY), inventory_files(), user_table=_user_table()))


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
