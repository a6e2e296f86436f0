from django.apps import AppConfig


class LicensingConfig(AppConfig):
    name = "upheld_store.licensing"
    label = "store_licensing"
