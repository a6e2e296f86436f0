"""Payments: what we asked a gateway for, and the doors to the gateways."""
