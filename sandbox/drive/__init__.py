"""Drive v3: files, rights, shared drives, changes; the authority on them for Sheets too."""
