"""__init__.py: planted defects, and what must notice each: record.py says how a patch tells it, run plants them."""
