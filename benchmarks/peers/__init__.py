"""The same rules in other libraries, each a program of its own that needs nothing of ours."""
