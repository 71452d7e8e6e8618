"""What the document store is made of: the encrypted file, its data key, the deposit record, disposal, the check."""
