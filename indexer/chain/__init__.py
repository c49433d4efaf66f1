"""Talking to nodes: many endpoints, none of them trusted."""
