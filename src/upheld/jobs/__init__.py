"""Durable jobs: enqueued with what they follow from, run once it is committed, by whoever lives."""

from upheld.jobs.queue import enqueue, prune
from upheld.jobs.running import Ran, own_transactions, run_due

__all__ = ["Ran", "enqueue", "own_transactions", "prune", "run_due"]
