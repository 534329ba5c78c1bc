"""The generated parts of docs/hostile-peers.md: the attacks with what stops each, and the figures
of runs. Everything outside of the markers is written by hand. Pure, but for `update`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterable, List, Sequence

from attacks import Attack
from table import COLUMNS, in_markdown, row
from verdict import Result, broken_bounds

BEGIN, END = "<!-- {}: begin -->", "<!-- {}: end -->"


class PageError(Exception):
    """What is wrong with the page that was to be updated."""


@dataclass(frozen=True)
class Run:
    """The results of one manner of serving, such as "epoll, with deflate"."""

    title: str
    results: Sequence[Result]


def attacks_table(attacks: Iterable[Attack]) -> List[str]:
    return in_markdown([["attack", "what a peer does", "what stops it"],
                        *([f"`{each.name}`", each.about, each.bound] for each in attacks)])


def figures(machine: Dict[str, str], load: str, runs: Sequence[Run]) -> List[str]:
    lines = [f"{', '.join(f'{name} {value}' for name, value in machine.items())}. {load}", ""]
    for run in runs:
        kept = sum(not broken_bounds(result) for result in run.results)
        lines += [f"### {run.title}", "",
                  f"{kept} of {len(run.results)} attacks within all bounds.", "",
                  *in_markdown([COLUMNS, *map(row, run.results)]), ""]
    return lines[:-1]


def with_part(text: str, name: str, lines: Sequence[str]) -> str:
    """The text with its part of that name replaced."""
    begin, end = BEGIN.format(name), END.format(name)
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise PageError(f"the page has no part between '{begin}' and '{end}'")
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    return "\n".join([before + begin, "", *lines, "", end + after])


def update(path: Path, parts: Dict[str, Sequence[str]]) -> None:
    text = path.read_text(encoding="utf-8")
    for name, lines in parts.items():
        text = with_part(text, name, lines)
    path.write_text(text, encoding="utf-8")
