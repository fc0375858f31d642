"""Clients that mean harm or know no HTTP: a corpus of requests, a fuzzer, slow clients and floods.

Start at `corpus`. `differential` compares our reader with two others.
"""
