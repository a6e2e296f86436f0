from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "upheld_store.staff"
    label = "store_staff"
