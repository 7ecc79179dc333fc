"""Gmail v1: mailboxes, letters, threads, labels, drafts and history."""
