from django.apps import AppConfig


class CheckoutConfig(AppConfig):
    name = "upheld_store.checkout"
    label = "store_checkout"
