"""Cursors: a position in a user's list as text. They are no secret, and are checked against slips, not against forgery.

A forged one can do no more than start at another place of the same user's list.
"""

import base64
import hashlib
import re
import struct
from uuid import UUID

from tasks.filters import SORTS, Position
from tasks.identifiers import EPOCH
from todo_project.api.query import UnreadableError
from todo_project.api.times import MICROSECOND

# The sort, the microseconds since 1970, and the id. With the checksum they are 33 bytes, which base64 does not pad.
PLACE = struct.Struct(">Bq16s")
NO_CURSOR = "The cursor is not one of this list in this order"
CHECKSUM_BYTES = 8
CURSOR = re.compile(r"[A-Za-z0-9_-]{44}", re.ASCII)
NUMBERS = {sort: number for number, sort in enumerate(SORTS)}


def encode_cursor(position: Position, sort: str, user_id: str) -> str:
    place = PLACE.pack(NUMBERS[sort], (position.updated_at - EPOCH) // MICROSECOND, position.id.bytes)
    return base64.urlsafe_b64encode(place + checksum(place, user_id)).decode()


def read_cursor(text: str) -> bytes:
    """The bytes of what looks like a cursor. Raises UnreadableError."""
    if not CURSOR.fullmatch(text):
        raise UnreadableError(NO_CURSOR)
    return base64.urlsafe_b64decode(text)


def position_of_cursor(data: bytes, sort: str, user_id: str) -> Position:
    """Raises UnreadableError for what is not a cursor of this sort of this user's list."""
    place, rest = data[: PLACE.size], data[PLACE.size :]
    number, microseconds, id_bytes = PLACE.unpack(place)
    if number != NUMBERS[sort] or rest != checksum(place, user_id):
        raise UnreadableError(NO_CURSOR)
    try:
        return Position(EPOCH + microseconds * MICROSECOND, UUID(bytes=id_bytes))
    except OverflowError:
        raise UnreadableError(NO_CURSOR) from None


def checksum(place: bytes, user_id: str) -> bytes:
    # A user id that is not valid may have lone surrogates. It is refused beside the cursor.
    return hashlib.blake2b(place + user_id.encode(errors="replace"), digest_size=CHECKSUM_BYTES).digest()
