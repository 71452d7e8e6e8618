"""The ledger records: contracts, entries, chain, proofs, storage. It knows bytes and event contracts, and no law."""
