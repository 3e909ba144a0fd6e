"""Width and height of a picture, read from the first bytes of PNG, JPEG, GIF and WebP."""

import struct


def size_of(content: bytes) -> tuple[int, int]:
    """(width, height) in pixels; (0, 0) if it is no picture that Telegram takes as a photo."""
    if content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return width, height
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp(content)
    return _jpeg(content) if content[:2] == b"\xff\xd8" else (0, 0)


def _jpeg(content: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, size = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        # C0–CF are the frame headers, save C4, C8 and CC, which hold tables.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + size
    return 0, 0


def _webp(content: bytes) -> tuple[int, int]:
    if len(content) < 30:
        return 0, 0
    if content[12:16] == b"VP8 ":
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if content[12:16] == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(content[24:27], "little") + 1, int.from_bytes(content[27:30], "little") + 1
