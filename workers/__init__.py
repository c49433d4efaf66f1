"""Celery workers: what the index learns has consequences, and some housekeeping."""
