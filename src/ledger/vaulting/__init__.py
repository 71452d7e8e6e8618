"""The inside of the vault: who holds the wrapping keys, and the files in which wrapped data keys lie."""
