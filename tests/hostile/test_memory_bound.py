"""The formula of the most memory that options allow."""

from memory_bound import ALLOCATOR, GIB, MIB, OF_A_LOOP, allowed_bytes, defaults_in


def test_nobody_needs_what_a_loop_needs():
    assert allowed_bytes(10 * MIB, 0, []) == 10 * MIB + OF_A_LOOP


def test_queues_are_bounded_in_all():
    few = allowed_bytes(0, 1000, ["--max-queued-total", str(8 * MIB), "--max-message", "1"])
    assert few < OF_A_LOOP + ALLOCATOR * (8 * MIB + 1000 * 13 * 1024)


def test_a_total_of_zero_is_no_bound():
    assert allowed_bytes(0, 1000, ["--max-queued-total", "0"]) > 4 * GIB


def test_unfinished_messages_are_bounded_in_all_where_the_server_can():
    options = ["--max-queued-total", "1", "--max-receiving-total", str(8 * MIB)]
    assert allowed_bytes(0, 1000, options) < allowed_bytes(0, 1000, options[:2])


def test_compression_takes_more():
    assert allowed_bytes(0, 10, ["--deflate"]) > allowed_bytes(0, 10, [])


HELP = """Options:
  --max-message UINT          Bytes of the longest message taken
  --max-queued-total UINT=8388608
                              Bytes that may wait for all peers; 0: no bound
  --max-connections UINT=0    Open connections in total
"""


def test_defaults_are_those_of_the_help():
    assert defaults_in(HELP) == {"--max-queued-total": "8388608"}


def test_an_option_counts_before_its_default():
    queues = ["--max-queued-total", str(16 * MIB)]
    assert allowed_bytes(0, 1000, queues, HELP) == allowed_bytes(0, 1000, queues)
    assert allowed_bytes(0, 1000, [], HELP) < allowed_bytes(0, 1000, queues, HELP)
