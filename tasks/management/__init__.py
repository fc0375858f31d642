"""What the commands about tasks share: types of arguments, and batches with a progress bar."""
