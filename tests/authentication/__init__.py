"""Who is asking: tokens, the keys that verify them, and the service's answers. Start at `test_bearer`."""
