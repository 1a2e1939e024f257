"""The command line: one file a command, `app.py` collects them, `main.py` is the console script."""
