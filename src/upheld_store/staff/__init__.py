"""The people who run the store: who they are, what each role may do, and their pages."""
