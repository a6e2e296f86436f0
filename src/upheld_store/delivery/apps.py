from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "upheld_store.delivery"
    label = "store_delivery"
