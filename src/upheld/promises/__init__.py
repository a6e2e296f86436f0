"""One folder per promise: its models, its gate, and how it is checked, kept and proven."""
