"""A visit leaves no trace, and a cookie is one that the policy names (P11, P12, P21)."""

from upheld.promises.cookies.jar import delete_cookie, read_cookie, set_cookie

__all__ = ["delete_cookie", "read_cookie", "set_cookie"]
