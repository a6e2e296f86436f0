from django.apps import AppConfig


class CartConfig(AppConfig):
    name = "upheld_store.cart"
    label = "store_cart"
