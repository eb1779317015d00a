"""Follows each requirement to the clauses, tests, oracles and trace rules for it, and back."""
