from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "upheld_store.pages"
    label = "store_pages"
