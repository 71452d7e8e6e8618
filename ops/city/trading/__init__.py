"""The trading of lots, in parts: what a lot is, how it enters, is announced, bid for, evaluated, awarded and performed.

`city.lives.lots` puts the parts together to lives: by tender, by negotiation, by auction or listing.
"""
