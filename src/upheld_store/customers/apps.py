from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "upheld_store.customers"
    label = "store_customers"
