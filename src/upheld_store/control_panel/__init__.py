"""The control panel: where a customer meets their orders, licenses and what we hold of them."""
