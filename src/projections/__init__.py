"""The projections understand: what could be deleted tonight and rebuilt by morning."""
