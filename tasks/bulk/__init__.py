"""Many tasks at once, for commands and imports: `loading` writes them, `keyset` walks them, `estimates` counts them.

Commands, `admin` and `doctor` may import it; the API does not.
"""
