"""The frames of the good peers."""

from good_peers import COMPRESSED, FINAL, TEXT, compressed, inflated, masked, next_frame


def test_a_frame_is_taken_off_only_when_it_is_whole():
    data = bytearray(b"\x81\x05hel")
    assert next_frame(data) is None
    data += b"lo\x81"
    assert next_frame(data) == (0x81, b"hello")
    assert data == b"\x81"


def test_longer_lengths_are_read():
    assert next_frame(bytearray(b"\x82\x7e\x00\xc8" + bytes(200))) == (0x82, bytes(200))
    assert next_frame(bytearray(b"\x82\x7f" + (70000).to_bytes(8, "big") + bytes(70000))) == (
        0x82, bytes(70000))


def test_a_masked_frame_says_so():
    assert masked(TEXT, b"a") == b"\x81\x81\0\0\0\0a"
    assert masked(TEXT, bytes(126))[:4] == b"\x81\xfe\x00\x7e"


def test_compressed_payloads_come_back():
    payload = b"17 bbbbbbbbbbbbbb"
    assert inflated(compressed(payload)) == payload
    assert masked(TEXT, compressed(payload), FINAL | COMPRESSED)[0] == 0xC1
