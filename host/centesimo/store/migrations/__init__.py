"""The store's schema, step by step; run by database.py when a store is new or older than this program."""
