"""The bytes that attackers send."""

import zlib

from attacks import ATTACKS
from attacks.bombs import EMPTY_BLOCKS, in_fragments
from attacks.frames import (BINARY, CONTINUATION, DEFLATE_REQUEST, EMPTY_STORED_BLOCK, PING, TEXT,
                            deflated, deflated_zeros, filled, frame, head_of)


def inflated(data):
    return zlib.decompressobj(-15).decompress(data + b"\0\0\xff\xff")


def test_frames_of_each_length_are_masked_by_zeros():
    assert frame(PING) == b"\x89\x80\0\0\0\0"
    assert frame(TEXT, b"a", final=False) == b"\x01\x81\0\0\0\0a"
    assert frame(BINARY, bytes(200), compressed=True)[:4] == b"\xc2\xfe\x00\xc8"
    assert frame(BINARY, bytes(70000))[:14] == head_of(BINARY, 70000)


def test_what_is_deflated_inflates():
    assert inflated(deflated(b"hello")) == b"hello"
    assert inflated(deflated_zeros(3_000_000)) == bytes(3_000_000)


def test_a_bomb_is_a_thousandth_of_what_it_inflates_to():
    assert len(deflated_zeros(1 << 20)) < (1 << 20) / 900


def test_empty_stored_blocks_inflate_to_nothing():
    stream = zlib.decompressobj(-15)
    assert stream.decompress(EMPTY_STORED_BLOCK * 100) == b""
    assert stream.decompress(EMPTY_BLOCKS + b"\0\0\xff\xff") == b""
    assert stream.decompress(deflated(b"the next message")) == b"the next message"


def test_fragments_carry_the_whole_message():
    fragments = in_fragments(b"abcde", 2)
    assert fragments == (frame(BINARY, b"ab", final=False, compressed=True)
                         + frame(CONTINUATION, b"cd", final=False)
                         + frame(CONTINUATION, b"e", final=False) + frame(CONTINUATION))


def test_a_load_is_made_of_whole_units():
    assert filled(b"abc", 10) == b"abcabcabc"
    assert filled(b"abcdef", 3) == b"abcdef"


def test_a_request_ends_once():
    assert DEFLATE_REQUEST.count(b"\r\n\r\n") == 1 and DEFLATE_REQUEST.endswith(b"\r\n\r\n")


def test_every_attack_says_what_it_is_and_what_stops_it():
    assert all(attack.about and attack.bound for attack in ATTACKS.values())
