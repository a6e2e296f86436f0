from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "upheld_store.site"
    label = "store_site"
