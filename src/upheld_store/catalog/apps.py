from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "upheld_store.catalog"
    label = "store_catalog"
