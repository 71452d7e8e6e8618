"""The log in PostgreSQL: the only code that speaks SQL to its five tables."""
