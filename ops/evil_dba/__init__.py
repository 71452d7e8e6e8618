"""The evil administrator: whoever owns the database does what he likes, and it is written down who notices.

    PYTHONPATH=ops .venv/bin/python -m evil_dba [--out ops/evil_dba/results.md]

Every attack of the table in `schemas/formats/verification.md` is made on a copy of one honest log (`stage`), on every
table and every column that `information_schema` names; then it is asked, each by itself, who notices:

    verify     the database's own bytes, with nothing outside it
    signer     the same compared with what the signer remembers and has published; and the signer itself, looking
    witness    compared with what witnesses remember; and the witnesses themselves, asked to cosign
    mirror     compared with a mirror's copy; and the mirror itself, following
    receipt    a receipt, a bundle or a statement that somebody holds

From that one run follows what would be missed without the signer, or without witnesses and mirrors.

    rows        bytes, rows and swaps, on every table and column
    structure   a database that shows each reader something else, or keeps rows out
    rewriting   history rewritten, cut off or set back, with ever more of its traces
    protocol    what is tried on the way in, on the way out, and with a stolen key
    disclosures ciphertexts swapped, pointed at erased keys, or gone
    views       rows of the views
"""
