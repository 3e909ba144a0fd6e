"""What a font file says of its characters is read right, in every form that fonts have."""

import struct

import pytest

from exports.glyphs import Typeface, typeface
from exports.lettering import BOLD, REGULAR

SOME = "Aé中喆。Ж•１"


def collection_of(data: bytes) -> bytes:
    """A collection with one font in it."""
    shift = 16
    out = bytearray(struct.pack(">4sIII", b"ttcf", 0x10000, 1, shift) + data)
    (count,) = struct.unpack_from(">H", data, 4)
    for place in range(12, 12 + 16 * count, 16):
        (offset,) = struct.unpack_from(">I", data, place + 8)
        struct.pack_into(">I", out, shift + place + 8, offset + shift)
    return bytes(out)


def without_whole_unicode(data: bytes) -> bytes:
    """The font with its maps of all planes hidden, so that the old form is read."""
    out = bytearray(data)
    (count,) = struct.unpack_from(">H", data, 4)
    records = (struct.unpack_from(">4sIII", data, 12 + 16 * index) for index in range(count))
    cmap = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    (maps,) = struct.unpack_from(">H", data, cmap + 2)
    for record in range(cmap + 4, cmap + 4 + 8 * maps, 8):
        (offset,) = struct.unpack_from(">I", data, record + 4)
        if struct.unpack_from(">H", data, cmap + offset)[0] == 12:
            struct.pack_into(">H", out, record, 1)  # as if it were of old Macintoshes
    return bytes(out)


def test_characters_and_widths_are_those_of_the_font() -> None:
    face = typeface(REGULAR)
    assert [face.width(sign) for sign in "中A1"] == [1.0, 0.608, 0.555]
    assert all(sign in face for sign in SOME)
    assert not any(sign in face for sign in "한\U00020bb7م🎉\ufffe")


def test_both_weights_have_everything_that_names_need() -> None:
    of_gb2312 = bytes(byte for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF) for byte in (high, low))
    needed = of_gb2312.decode("gb2312", "ignore") + "喆堃珺昇淼祎" + "國學習黨員" + "ĀǎőŁŽŞạữЁжҚΩ"
    for path in (REGULAR, BOLD):
        assert [sign for sign in needed if sign not in typeface(path)] == []


@pytest.mark.parametrize("changed", [collection_of, without_whole_unicode])
def test_other_forms_of_the_same_font_say_the_same(changed: object) -> None:
    assert callable(changed)
    face, other = typeface(BOLD), Typeface(changed(BOLD.read_bytes()))
    for code in range(0x20, 0x10000):
        assert (chr(code) in other) == (chr(code) in face)
    assert [other.width(sign) for sign in SOME] == [face.width(sign) for sign in SOME]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04" + bytes(200), REGULAR.read_bytes()[:400]])
def test_what_is_no_font_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="font"):
        Typeface(data)
