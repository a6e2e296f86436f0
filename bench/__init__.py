"""`make bench`: what the store costs, as ratios measured within one run."""
