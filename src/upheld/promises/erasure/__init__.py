"""Erasure: what is held of a person goes, and what was erased does not come back."""

from upheld.promises.erasure.request import ErasureRefused, request_erasure, unfinished_of

__all__ = ["ErasureRefused", "request_erasure", "unfinished_of"]
