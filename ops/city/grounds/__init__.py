"""Grounds: small lives that exist to show misconduct alone; honest as they stand, an option says the one fact."""
