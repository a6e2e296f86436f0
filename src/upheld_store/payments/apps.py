from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "upheld_store.payments"
    label = "store_payments"
