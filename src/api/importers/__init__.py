"""Readers of foreign files: each row becomes one event or one quarantine."""
