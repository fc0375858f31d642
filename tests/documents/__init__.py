"""What the pages say is what the service does: README, commands, security, and the documents in a browser."""
