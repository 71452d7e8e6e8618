"""Misconduct: one module a family of rules, each with `PLANS`. How to write one: `ops/city/README.md`."""
