"""Tables of counties and organs without systems: CSV and Excel read cell by cell, a map from columns to a contract."""
