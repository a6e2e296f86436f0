from django.apps import AppConfig


class ControlPanelConfig(AppConfig):
    name = "upheld_store.control_panel"
    label = "store_control_panel"
