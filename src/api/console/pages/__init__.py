"""The screens: one file each. Parameters become one question, the answer becomes one value, a template shows it."""
