"""Files, and how far their pins are."""

from typing import Final

from sqlalchemy.dialects.postgresql import BIGINT

from api.reads.lists import Lookup
from indexer.db.models import files, pins

FILE: Final = Lookup(name="file", rows=lambda _moment: files, columns=("id",), types=(BIGINT(),))
PIN: Final = Lookup(name="pin", rows=lambda _moment: pins, columns=("cid",))
