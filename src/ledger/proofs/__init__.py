"""Merkle arithmetic an auditor can carry away: standard library only."""
