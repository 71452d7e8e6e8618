"""Read models: one file a view, with its tables beside it."""
