"""Customers: who has an account, how they sign in, and what keeps them signed in."""
