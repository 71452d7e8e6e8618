"""The rules no pattern can say, one rule a file."""
