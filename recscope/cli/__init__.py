"""The command line: thin commands over the program's functions. Nothing else prints."""
