"""The kinds of requests of spreadsheets.batchUpdate, each one function."""
