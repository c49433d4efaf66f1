"""Writes schema.graphql; with --check says whether the committed one is still right."""

import argparse
import sys
from pathlib import Path

from api.limits import Limits
from api.schema import make_schema

FILE = Path(__file__).resolve().parent.parent / "schema.graphql"


def sdl() -> str:
    """The schema as clients see it."""
    return make_schema(Limits()).as_str() + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m api.export_schema", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    if not parser.parse_args().check:
        FILE.write_text(sdl())
    elif FILE.read_text() != sdl():
        sys.exit(f"{FILE} is not the schema of the code: run `python -m api.export_schema`")


if __name__ == "__main__":
    main()
