"""Structured logs to stderr: readable on a terminal, JSON lines elsewhere when asked for."""

import logging
import sys
from typing import Literal, cast

import structlog

LogFormat = Literal["text", "json"]


def configure(level: str = "info", style: LogFormat = "text") -> None:
    """Sets up structlog and the standard library's loggers (uvicorn, celery) to one stream."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s", force=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _renderer(style),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _renderer(style: LogFormat) -> structlog.typing.Processor:
    if style == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose lines name the module."""
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger(module=name))
