"""Documents and tables in files: read with every fault at once, written whole or not at all."""
