"""SQLite behind the purpose monitor: Django's back end on a library without the WAL-reset bug."""
