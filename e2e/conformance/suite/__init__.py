"""Runs a WebSocket conformance suite through a proxy and directly, and holds the two reports against each other."""
