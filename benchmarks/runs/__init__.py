"""What can be run: one module for each option of `python3 run.py bench`.

The other modules each hold one part of a run: `startup` of the comparison, `token_cost` of the comparison and the quick
run, `long_lists` and `pages` of the scale, and `conditions` of all. Start with `quick.py`, the smallest run.
"""
