"""Headers, requests and responses."""

from __future__ import annotations

import pytest

from wsecho.aio import Headers, Request, Response


def test_a_header_is_found_in_any_case():
    headers = Headers({"User-Agent": "me", "Accept": "*/*"})
    assert headers["user-agent"] == "me"
    assert "ACCEPT" in headers and "Host" not in headers and 3 not in headers
    assert headers.get("Host") is None
    with pytest.raises(KeyError):
        headers["Host"]


def test_a_name_may_have_several_values():
    headers = Headers([("Via", "one"), ("Host", "here"), ("via", "two")])
    assert headers["Via"] == "one"
    assert headers.get_all("VIA") == ["one", "two"]
    assert list(headers) == ["Via", "Host"]
    assert len(headers) == 2
    assert list(headers.raw_items()) == [("Via", "one"), ("Host", "here"), ("via", "two")]
    headers["Via"] = "three"
    assert headers.get_all("via") == ["one", "two", "three"]
    del headers["via"]
    assert list(headers.raw_items()) == [("Host", "here")]
    with pytest.raises(KeyError):
        del headers["via"]
    assert repr(headers) == "Headers([('Host', 'here')])"


def test_requests_and_responses_say_what_they_are():
    assert repr(Request("/chat?room=1", Headers())) == "Request('/chat?room=1')"
    assert Request("/", Headers(), ["a", "b"]).subprotocols == ("a", "b")
    response = Response(404, {"X-Why": "gone"}, b"body")
    assert (response.status_code, response.headers["x-why"], response.body) == (404, "gone", b"body")
    assert repr(response) == "Response(404)"
