"""The contract: the operations, their errors, the document and the statements behind them.

Start at `test_create`. A new parameter or member of the API is tested here.
"""
