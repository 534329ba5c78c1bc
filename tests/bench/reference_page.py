"""The reference suite's HTML page: one file, no network, light or dark as the reader has it."""

from __future__ import annotations

from html import escape
from string import Template
from typing import Dict, List, Mapping, Sequence

from figures import Figure, in_words
from reference_rows import ABOUT, Requirement, Row
from reference_runs import FLOOR, GORILLA, OURS

PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>wsecho beside the reference</title>
<style>
:root { color-scheme: light dark; --ink: #1d2430; --soft: #5c6675; --ground: #fff;
  --line: #dfe3e8; --wsecho: #1769aa; --gorilla: #c2701c; --floor: #8a94a3;
  --reference: #6a4fa3; --bad: #b3261e; --good: #1c7a3e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ee; --soft: #9aa4b2; --ground: #14181e; --line: #2c333d;
    --wsecho: #5db0f0; --gorilla: #e59a4d; --floor: #7b8594; --reference: #a98be0;
    --bad: #f28b82; --good: #6fcf97; } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--ground);
  max-width: 80rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .2rem; }
p { max-width: 60rem; } .soft, caption, dt { color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; } dd { margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .45rem; text-align: right; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } th { font-weight: 600; }
td.bars { width: 20%; min-width: 7rem; } td.note { text-align: left; white-space: normal; }
.bar { height: .4rem; margin: 2px 0; border-radius: 2px; min-width: 1px; }
.wsecho { background: var(--wsecho); } .gorilla { background: var(--gorilla); }
.floor { background: var(--floor); } .reference { background: var(--reference); }
.key span { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px;
  margin: 0 .3rem 0 1rem; vertical-align: -1px; }
.met { color: var(--good); } .unmet { color: var(--bad); }
</style>
</head>
<body>
<h1>wsecho beside the reference</h1>
<p>$introduction</p>
<dl>$machine</dl>
$verdict
<p class="key">Bars:<span class="wsecho"></span>wsecho<span class="gorilla"></span>gorilla<span
 class="floor"></span>floor<span class="reference"></span>reference</p>
$sections
</body>
</html>
""")

HEAD = ("", "connections", "rounds", "wsecho", "gorilla", "floor", "reference", "/ gorilla",
        "/ floor", "/ reference", "")


def page(introduction: str, machine: Mapping[str, str], rows: Sequence[Row],
         requirements: Sequence[Requirement]) -> str:
    topics: Dict[str, List[Row]] = {}
    for each in rows:
        topics.setdefault(each.topic, []).append(each)
    return PAGE.substitute(
        introduction=escape(introduction),
        machine="".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
                        for name, value in machine.items()),
        verdict=verdict(requirements),
        sections="\n".join(section(topic, found) for topic, found in topics.items()),
    )


def verdict(requirements: Sequence[Requirement]) -> str:
    if not requirements:
        return ""
    items = "".join(f'<li class="{"met" if each.met else "unmet"}">{escape(each.in_words())}</li>'
                    for each in requirements)
    return f"<h2>Required</h2><ul>{items}</ul>"


def section(topic: str, rows: Sequence[Row]) -> str:
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in HEAD)
    body = "\n".join(row_of_table(each) for each in rows)
    return (f"<h2>{escape(topic)}</h2>\n<p class=\"soft\">{escape(ABOUT[topic])}</p>\n"
            f'<div class="scroll"><table><thead><tr>{head}</tr></thead>\n'
            f"<tbody>\n{body}\n</tbody></table></div>")


def row_of_table(row: Row) -> str:
    better = "less" if row.less_is_better else "more"
    figures = [row.figures.get(name) for name in (OURS, GORILLA, FLOOR)]
    cells = [f'<td title="{better} is better">{escape(row.what)}</td>',
             f"<td>{row.connections:,}</td>", f"<td>{row.rounds or '–'}</td>"]
    shown = [*figures, row.reference, row.to_gorilla, row.to_floor, row.to_reference]
    cells += [f"<td>{in_words(figure)}</td>" for figure in shown]
    cells.append(f'<td class="bars">{bars(figures, row.reference)}</td>')
    lines = [f"<tr>{''.join(cells)}</tr>"]
    if row.note:
        lines.append(f'<tr><td></td><td class="note soft" colspan="{len(HEAD) - 1}">'
                     f"{escape(row.note)}</td></tr>")
    return "\n".join(lines)


def bars(figures: Sequence[Figure], reference: Figure) -> str:
    """As long as the largest allows, from nothing: half the length is half the figure."""
    named = list(zip((OURS, GORILLA, FLOOR, "reference"), (*figures, reference)))
    largest = max((value for _, value in named if value is not None), default=0)
    if largest <= 0:
        return ""
    return "".join(f'<div class="bar {name}" style="width:{100 * max(value, 0) / largest:.1f}%">'
                   "</div>" for name, value in named if value is not None)
