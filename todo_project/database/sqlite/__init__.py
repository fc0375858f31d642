"""Django's SQLite backend, with a file for its owner alone (`base`), and whether the file is of use (`file`)."""
