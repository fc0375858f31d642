"""Typed clients from openapi.json, compiled strictly and walked against the service, as docs/clients.md has them."""
