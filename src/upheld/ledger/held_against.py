"""The log against checkpoints that somebody else kept: what a store cannot show about itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from upheld.ledger.checkpoint import Checkpoint, Signer

Judged = tuple[str | None, int | None]
_FITS: Judged = (None, None)


def hold_against(
    points: Sequence[Checkpoint],
    roots: Mapping[int, bytes],
    origins: Mapping[int, str],
    size: int,
    signer: Signer,
) -> Judged:
    """The first problem in the order of the points' sizes, and the entry from which on the log is
    not what was signed; (None, None) where it holds all that was signed. `roots` are the log's at
    the points' sizes, as far as it reaches."""
    agreed = 0
    for point in sorted(points, key=lambda point: point.size):
        problem, index = _judge(point, roots, origins, size, signer)
        if problem:
            return problem, agreed if index is None else index
        agreed = point.size
    return _FITS


def _judge(
    point: Checkpoint,
    roots: Mapping[int, bytes],
    origins: Mapping[int, str],
    size: int,
    signer: Signer,
) -> Judged:
    if not point.is_signed_by(signer.public):
        return (
            "The checkpoint was signed by another key than the store's, or changed since: either "
            "it is not of this log, or the log was signed anew.",
            None,
        )
    starts = [first for first, name in sorted(origins.items()) if name == point.origin]
    if not starts and "/after/" in origins.get(0, ""):
        starts = [-1]  # the log begins after a restore: nothing of the name before is left
    if not starts:
        return (
            f"The log was never called {point.origin}: what was signed under that name is gone.",
            None,
        )
    later = [first for first in sorted(origins) if first > starts[-1]]
    if later and point.size > later[0]:
        return (
            f"Of the checkpoint's {point.size} entries {later[0]} are left: an older backup was "
            f"put back then, and the log goes on as {origins[later[0]]}.",
            later[0],
        )
    if point.size > size:
        return (
            f"The end was cut off: of the checkpoint's {point.size} entries {size} are left.",
            size,
        )
    if roots[point.size] != point.root:
        return (
            f"The first {point.size} entries are not those of the checkpoint: they were written "
            "and signed anew.",
            None,
        )
    return _FITS
