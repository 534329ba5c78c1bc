"""The binding has all that wsecho.h has, by the same names."""

from __future__ import annotations

import re
from pathlib import Path

import header
import pytest

import wsecho

# What has another form in Python.
NOT_KEYWORDS = {"log_user", "headers", "header_count", "urls"}
ENUMERATIONS = {
    "wsecho_log_level": ("WSECHO_LOG_", wsecho.LogLevel),
    "wsecho_proxy_header": ("WSECHO_PROXY_", wsecho.ProxyHeader),
    "wsecho_backpressure_policy": ("WSECHO_BACKPRESSURE_", wsecho.BackpressurePolicy),
    "wsecho_rate_policy": ("WSECHO_RATE_", wsecho.RatePolicy),
    "wsecho_close_cause": ("WSECHO_CLOSE_", wsecho.CloseCause),
    "wsecho_initiator": ("WSECHO_INITIATOR_", wsecho.Initiator),
    "wsecho_connection_state": ("WSECHO_STATE_", wsecho.ConnectionState),
    "wsecho_event_type": ("WSECHO_EVENT_", wsecho.EventType),
    "wsecho_dialer_state": ("WSECHO_DIALER_", wsecho.DialerState),
    "wsecho_dial_failure": ("WSECHO_DIAL_", wsecho.DialFailure),
    "wsecho_refusal": ("WSECHO_REFUSED_", wsecho.Refusal),
}
RECORDS = {
    "wsecho_close_event": wsecho.CloseEvent,
    "wsecho_statistics": wsecho.Statistics,
    "wsecho_round_trips": wsecho.RoundTrips,
    "wsecho_drain_report": wsecho.DrainReport,
    "wsecho_missed": wsecho.Missed,
    "wsecho_dialer_event": wsecho.DialerEvent,
}


def is_a_keyword(call, name):
    """Whether it is known: of a wrong type, it is named."""
    with pytest.raises((TypeError, wsecho.Error)) as error:
        call(**{name: object()})
    assert "unexpected keyword" not in str(error.value), name
    assert name in str(error.value)


@pytest.mark.parametrize("name", header.fields("wsecho_server_options"))
def test_an_option_of_a_server_is_a_keyword(name):
    if name not in NOT_KEYWORDS:
        is_a_keyword(wsecho.Server, name)


@pytest.mark.parametrize("name", header.fields("wsecho_path_options"))
def test_an_option_of_a_path_is_a_keyword(name):
    server = wsecho.Server()
    is_a_keyword(lambda **options: server.add_path("/path", **options), name)


@pytest.mark.parametrize("name", header.fields("wsecho_dialer_options"))
def test_an_option_of_a_dialer_is_a_keyword(name):
    if name not in NOT_KEYWORDS:
        server = wsecho.Server(port=-1)
        is_a_keyword(lambda **options: wsecho.Dialer(server, "ws://a/", **options), name)


@pytest.mark.parametrize("name", header.fields("wsecho_callbacks"))
def test_a_callback_is_a_keyword(name):
    if not name.startswith("on_pass_"):  # which are what takes the interpreter's lock
        is_a_keyword(wsecho.Server, name)


@pytest.mark.parametrize(
    "struct, call",
    [
        ("wsecho_drain_options", lambda server: server.drain),
        ("wsecho_heartbeat", lambda server: server.set_heartbeat),
        ("wsecho_history", lambda server: lambda **bounds: server.set_history("name", **bounds)),
    ],
)
def test_so_are_the_fields_of_the_smaller_structs(make_server, struct, call):
    server = make_server()
    for name in header.fields(struct):
        is_a_keyword(call(server), name)


@pytest.mark.parametrize("name", ENUMERATIONS)
def test_an_enumeration_has_the_same_members(name):
    prefix, enumeration = ENUMERATIONS[name]
    expected = {key[len(prefix) :]: value for key, value in header.enumeration(name).items()}
    assert {member.name: member.value for member in enumeration} == expected


def test_each_error_number_has_a_class():
    numbers = header.enumeration("wsecho_error")
    assert numbers.pop("WSECHO_OK") == 0
    from wsecho.errors import _by_code

    assert set(_by_code) == set(numbers.values())
    ranges = {wsecho.CallError: (-99, -1), wsecho.SystemRefusedError: (-199, -100),
              wsecho.ConnectionStateError: (-299, -200)}
    for code, error in _by_code.items():
        base = [base for base, (least, most) in ranges.items() if least <= code <= most]
        assert [kind for kind in ranges if issubclass(error, kind)] == base
        assert error("words").code == code
        assert str(error("words")) == "words"


@pytest.mark.parametrize("struct", RECORDS)
def test_a_struct_that_is_told_has_the_same_fields(struct):
    fields = [name for name in header.fields(struct) if name != "reason_length"]
    if struct == "wsecho_dialer_event":  # "index" is a method of tuples
        other = {"connection": "connection_id", "index": "connection_index"}
        fields = [other.get(name, name) for name in fields]
    assert set(RECORDS[struct]._fields) == set(fields)


def test_every_function_is_used():
    sources = Path(__file__).resolve().parents[2] / "bindings" / "python" / "src"
    used = set()
    for source in sources.iterdir():
        used.update(re.findall(r"\bwsecho_\w+", source.read_text(encoding="utf-8")))
    # The macros stand for the first; Python's module asks the second of nobody.
    not_needed = {"wsecho_server_options_init_version", "wsecho_abi_version", "wsecho_message_prepare"}
    assert set(header.functions()) - used == not_needed
