"""The edge: settings, command line, service, demo. Everything is wired together in `wiring.py`."""
