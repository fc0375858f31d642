"""Many tasks at once. `loading` writes them, `keyset` walks them, `estimates` and `samples` tell how many there are.

Commands, `admin` and `doctor` may import it; the API does not.
"""
