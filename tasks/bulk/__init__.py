"""Many tasks at once.

`loading` writes them, `locking` locks them, `keyset` walks them, `estimates` and `samples` tell how many there are.

Start at `loading`. Commands, `admin`, `doctor` and `statistics` may import this room; the API does not.
"""
