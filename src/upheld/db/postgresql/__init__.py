"""PostgreSQL behind the purpose monitor: a role a purpose, taken only by this back end."""
