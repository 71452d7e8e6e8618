"""What `ledger.verify` is made of: each file one question asked of the stored bytes, none of them asked of SQL."""
