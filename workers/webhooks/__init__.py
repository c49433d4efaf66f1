"""Endpoints are told: addresses that may be called, signatures, requests."""
