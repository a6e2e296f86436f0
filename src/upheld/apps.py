"""The engine as a Django app: the policy is read and in force before anything else is."""

from __future__ import annotations

from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings

from upheld.policy import install, load


class UpheldConfig(AppConfig):
    """Reads the policy and every installed app's inventory; refuses to start on any error."""

    name = "upheld"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Raises `PolicyInvalid` with every finding."""
        install(load(Path(settings.UPHELD_POLICY), inventory_files()))


def inventory_files() -> list[Path]:
    """Every `inventory.toml` in an installed app's folder, in the order of INSTALLED_APPS; once
    each, where an app's folder lies in another's."""
    found = (
        file
        for config in apps.get_app_configs()
        for file in sorted(Path(config.path).rglob("inventory.toml"))
    )
    return list(dict.fromkeys(found))
