"""What a run of wsecho-bench found: its JSON as an object, for programs, terminals and notebooks."""

from __future__ import annotations

import copy
import html
import json
import math
import os
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Tuple, Union

# The percentiles that the program computes itself, from a histogram finer than the one it writes.
_EXACT = {50.0: "p50", 90.0: "p90", 99.0: "p99", 99.9: "p999", 99.99: "p9999", 100.0: "max"}

_WRONGS = ("lost", "changed", "duplicated", "reordered", "unsolicited", "errors")


@dataclass(frozen=True)
class Bucket:
    """So many latencies, none of them longer than this."""

    highest_ms: float
    count: int


class Histogram:
    """Latencies in buckets that grow with the value: some 64 for each doubling."""

    def __init__(self, buckets: List[Bucket]) -> None:
        self._buckets = tuple(buckets)

    @property
    def count(self) -> int:
        """Of all latencies."""
        return sum(bucket.count for bucket in self._buckets)

    def percentile(self, percent: float) -> float:
        """The latency in ms that `percent` (0 to 100) of all are not above, to a bucket's width.
        0 of an empty histogram."""
        _check_percent(percent)
        left = max(1, math.ceil(self.count * percent / 100))
        for bucket in self._buckets:
            left -= bucket.count
            if left <= 0:
                return bucket.highest_ms
        return 0.0

    def __iter__(self) -> Iterator[Bucket]:
        return iter(self._buckets)

    def __len__(self) -> int:
        return len(self._buckets)

    def __getitem__(self, index: int) -> Bucket:
        return self._buckets[index]

    def __repr__(self) -> str:
        return f"<wsecho.bench.Histogram: {self.count:,} latencies in {len(self)} buckets>"

    def _repr_html_(self) -> str:
        return _plot(self._bars())

    def _bars(self, most: int = 60) -> List[Tuple[float, float, int]]:
        """From, to and count of bars that are equally wide on a logarithmic axis."""
        if not self._buckets:
            return []
        low = max(self._buckets[0].highest_ms, 1e-6)
        high = max(self._buckets[-1].highest_ms, low)
        bars = min(most, max(1, len(self)))
        step = (high / low) ** (1 / bars)
        counts = [0] * bars
        for bucket in self._buckets:
            place = math.log(max(bucket.highest_ms, low) / low, step) if step > 1 else 0
            counts[min(bars - 1, int(place))] += bucket.count
        return [(low * step**i, low * step ** (i + 1), counts[i]) for i in range(bars)]


class Result:
    """What a run measured. The usual figures are attributes; all that the program wrote is in
    to_dict(), by the names of its JSON, and `result["name"]` takes one of them."""

    def __init__(self, document: Dict[str, Any], report: str = "") -> None:
        self._document = document
        self._report = report
        self.histogram = Histogram([Bucket(*each) for each in document["histogram"]])
        """Of the latencies; of the handshakes where the scenario sends nothing."""

    @property
    def ok(self) -> bool:
        """Whether every connection opened and stayed, no message was lost or changed, and all that
        was required holds."""
        return (self.connections == self._document["connections_asked"]
                and not any(self._document[name] for name in _WRONGS)
                and all(each["met"] for each in self._document["requirements"]))

    @property
    def address(self) -> str:
        return str(self._document["address"])

    @property
    def scenario(self) -> str:
        return str(self._document["scenario"])

    @property
    def connections(self) -> int:
        """Those that opened."""
        return int(self._document["connections"])

    @property
    def seconds(self) -> float:
        """How long was measured."""
        return float(self._document["seconds"])

    @property
    def messages(self) -> int:
        """Those that came back while it was measured."""
        return int(self._document["messages"])

    @property
    def messages_per_second(self) -> float:
        return float(self._document["messages_per_second"])

    @property
    def lost(self) -> int:
        """Messages that never came back."""
        return int(self._document["lost"])

    @property
    def errors(self) -> int:
        """Connections that did not open, or were closed."""
        return int(self._document["errors"])

    @property
    def interrupted(self) -> bool:
        """Whether it was ended before its time."""
        return bool(self._document["interrupted"])

    @property
    def warnings(self) -> List[str]:
        """What makes the figures doubtful, in words."""
        return [str(warning) for warning in self._document["warnings"]]

    @property
    def cpu_us_per_message(self) -> Union[float, None]:
        """The server's; None without server_pid."""
        found = self._document["server"]["cpu_us_per_message"]
        return None if found is None else float(found)

    @property
    def latency_ms(self) -> Dict[str, float]:
        """min, mean, stddev, p50, p90, p99, p999, p9999 and max."""
        return dict(self._document["latency_ms"])

    def percentile(self, percent: float) -> float:
        """A latency in ms: exact to a thousandth for 50, 90, 99, 99.9, 99.99 and 100, for others to
        a bucket of the histogram."""
        _check_percent(percent)
        name = _EXACT.get(float(percent))
        if name is None:
            return self.histogram.percentile(percent)
        return float(self._document["latency_ms"][name])

    def to_dict(self) -> Dict[str, Any]:
        """A copy of all that the program wrote: plain dicts, lists, numbers and texts."""
        return copy.deepcopy(self._document)

    def __getitem__(self, name: str) -> Any:
        return copy.deepcopy(self._document[name])

    def __str__(self) -> str:
        """The program's report, as it prints it in a terminal."""
        return self._report or repr(self)

    def __repr__(self) -> str:
        state = "ok" if self.ok else "not ok"
        return (f"<wsecho.bench.Result: {self.scenario} of {self.address}, {state}, "
                f"{self.messages_per_second:,.0f} messages/s, p99 {self.percentile(99):,.3f} ms>")

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
                       f"<td style='text-align:right'>{html.escape(value)}</td></tr>"
                       for name, value in self._rows())
        remarks = "".join(f"<p>{html.escape(remark)}</p>" for remark in self._remarks())
        title = html.escape(f"{self.scenario} of {self.address}")
        return (f"<div><b>{title}</b><table>{rows}</table>{remarks}"
                f"{self.histogram._repr_html_()}</div>")

    def _rows(self) -> List[Tuple[str, str]]:
        asked = self._document["connections_asked"]
        rows = [("connections open", f"{self.connections:,} of {asked:,}"),
                ("seconds", f"{self.seconds:,.1f}"),
                ("messages", f"{self.messages:,}"),
                ("messages/s", f"{self.messages_per_second:,.0f}")]
        rows += [(f"latency {name}", f"{self.latency_ms[name]:,.3f} ms")
                 for name in ("mean", "p50", "p90", "p99", "p999", "max")]
        rows += [(name, f"{self._document[name]:,}") for name in _WRONGS]
        if self.cpu_us_per_message is not None:
            rows.append(("server CPU per message", f"{self.cpu_us_per_message:,.3f} µs"))
        rows += [(f"required: {each['text']}", "met" if each["met"] else "NOT MET")
                 for each in self._document["requirements"]]
        return rows

    def _remarks(self) -> List[str]:
        remarks = [f"first error: {self._document['first_error']}"] * bool(self.errors)
        remarks += ["interrupted"] * self.interrupted
        return remarks + self.warnings


def load(file: Union[str, os.PathLike[str]]) -> Result:
    """The result of an earlier run, from what json= or --json wrote."""
    with open(file, encoding="utf-8") as text:
        document = json.load(text)
    if not isinstance(document, dict) or document.get("program") != "wsecho-bench":
        raise ValueError(f"file: {os.fspath(file)} was not written by wsecho-bench")
    return Result(document)


def _check_percent(percent: float) -> None:
    if not 0 <= percent <= 100:
        raise ValueError(f"percent must be from 0 to 100, not {percent!r}")


def _plot(bars: List[Tuple[float, float, int]]) -> str:
    """As SVG, without a script or anything to load."""
    if not bars:
        return "<p>no latencies</p>"
    width, height, most = 480, 120, max(count for _, _, count in bars)
    each = width / len(bars)
    shapes = "".join(
        f"<rect x='{each * i:.1f}' y='{height - height * count / most:.1f}' "
        f"width='{each * 0.9:.1f}' height='{height * count / most:.1f}' fill='#4c78a8'>"
        f"<title>{low:.3f} to {high:.3f} ms: {count:,}</title></rect>"
        for i, (low, high, count) in enumerate(bars) if count)
    axis = (f"<text x='0' y='{height + 16}' font-size='11'>{bars[0][0]:,.3f} ms</text>"
            f"<text x='{width}' y='{height + 16}' font-size='11' text-anchor='end'>"
            f"{bars[-1][1]:,.3f} ms</text>")
    return (f"<svg role='img' aria-label='latencies' width='{width}' height='{height + 20}' "
            f"viewBox='0 0 {width} {height + 20}' xmlns='http://www.w3.org/2000/svg'>"
            f"{shapes}{axis}</svg>")
