from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "upheld_store.orders"
    label = "store_orders"
