// What is plotted over time: an entry of "series" is a second, drawn at its middle.

const overTime = (run) => {
  const entries = run.series ?? [];
  const middle = ({ time, seconds }) => time - (isNumber(seconds) ? seconds : 1) / 2;
  const longest = Math.max(1, ...entries.map(({ time }) => time));
  return {
    entries,
    longest,
    points: (value) => entries.map((entry) => [middle(entry), value(entry)]),
    plot: (more) => ({
      x: timeAxis(longest),
      bands: bandsOf(run, entries, longest),
      whereTitle: "Middle of the second",
      where: (x) => clock(Number(x.toFixed(2)), longest),
      ...more,
    }),
  };
};

const bandsOf = (run, entries, longest) => {
  const bands = [];
  if (run.warm_up_seconds > 0) bands.push({ from: 0, to: run.warm_up_seconds, label: "warm-up" });
  const drain = entries.find(({ phase }) => phase === "drain");
  if (drain) bands.push({ from: drain.time - (drain.seconds ?? 1), to: longest, label: "drain" });
  return bands;
};

// "From 3 to 5" of the measured part, for those who hear the page.
const range = (entries, value, say) => {
  const values = entries.filter(({ phase }) => phase === "measured").map(value).filter(isNumber);
  if (!values.length) return "";
  return `From ${say(Math.min(...values))} to ${say(Math.max(...values))} while measured.`;
};

// The last entry may be a small part of a second, in which nothing is counted fairly.
const fairly = (value) => (entry) => (isNumber(entry.seconds) && entry.seconds < 0.5 ? null : value(entry));

const perSecond = (value) => `${format.count(value)}/s`;

const throughputPlot = (run, time) => {
  const rate = fairly((entry) => entry.messages_per_second);
  const asked = run.loop === "open" && isNumber(run.rate_asked) && !run.capacity;
  if (!time.entries.some((entry) => rate(entry) > 0)) return { series: [] };
  return time.plot({
    id: "throughput",
    title: "Throughput",
    subtitle: `${capitalized(wordsOf(run).things)} a second`,
    spoken: range(time.entries, rate, perSecond),
    y: rateAxis(),
    series: [{ label: wordsOf(run).things, colour: "blue", fill: true, points: time.points(rate), say: perSecond }],
    lines: asked ? [{ y: run.rate_asked, label: `asked for: ${perSecond(run.rate_asked)}`, colour: "muted" }] : [],
  });
};

const latencyLines = [
  { key: "p50_ms", label: "p50", colour: "blue" },
  { key: "p90_ms", label: "p90", colour: "teal" },
  { key: "p99_ms", label: "p99", colour: "amber" },
  { key: "p999_ms", label: "p99.9", colour: "magenta" },
  { key: "max_ms", label: "max", colour: "slate", thin: true },
];

// A second without an answer has no latency: neither null nor zero is on a logarithmic axis.
const positive = (value) => (isNumber(value) && value > 0 ? value : null);

const latencyPlot = (run, time) => {
  const series = latencyLines.map(({ key, ...line }) =>
    ({ ...line, points: time.points((entry) => positive(entry[key])), say: format.duration }));
  return time.plot({
    id: "latency",
    title: `${capitalized(wordsOf(run).latency)}`,
    subtitle: "Percentiles of each second, logarithmic",
    spoken: `p99: ${range(time.entries, (entry) => entry.p99_ms, format.duration)}`,
    y: latencyAxis(series.flatMap(({ points }) => points.map(([, y]) => y))),
    bands: bandsOf(run, time.entries, time.longest).map((band) => ({ ...band, label: "" })),  // p50 is there
    series,
  });
};

const processorPlot = (_run, time) => {
  const server = fairly((entry) => entry.server_cpu_percent);
  if (!time.entries.some((entry) => isNumber(server(entry)))) return { series: [] };
  return time.plot({
    id: "processor",
    title: "Processor time",
    subtitle: "Percent of one core",
    spoken: range(time.entries, server, format.percent),
    y: percentAxis(),
    series: [
      { label: "server", colour: "blue", fill: true, points: time.points(server), say: format.percent },
      { label: "load generator", colour: "slate", thin: true, say: format.percent,
        points: time.points(fairly((entry) => entry.generator_cpu_percent)) },
    ],
  });
};

const mebibyte = 1024 * 1024;

const memoryPlot = (_run, time) => {
  const resident = ({ server_rss_bytes: bytes }) => (isNumber(bytes) ? bytes / mebibyte : null);
  const say = (value) => (isNumber(value) ? format.bytes(value * mebibyte) : missing);
  return time.plot({
    id: "memory",
    title: "Server memory",
    subtitle: "Resident set",
    spoken: range(time.entries, resident, say),
    y: plainAxis("", (value) => `${grouped(value, Number.isInteger(value) ? 0 : 1)} MiB`, { beginAtZero: true, grace: "8%" }),
    series: [{ label: "resident", colour: "teal", fill: true, points: time.points(resident), say }],
  });
};

const connectionsPlot = (_run, time) => {
  const errors = (entry) => entry.errors;
  const anyError = time.entries.some((entry) => errors(entry) > 0);
  const open = { label: "open", colour: "blue", points: time.points((entry) => entry.open), say: format.count };
  const failed = { label: "errors so far", colour: "red", axis: "right", stepped: "middle",
                   points: time.points(errors), say: format.count };
  return time.plot({
    id: "connections",
    title: anyError ? "Open connections and errors" : "Open connections",
    subtitle: anyError ? "Errors on the right-hand scale" : "No errors",
    spoken: range(time.entries, (entry) => entry.open, format.count),
    y: countAxis(),
    right: anyError ? countAxis() : null,
    series: anyError ? [open, failed] : [open],
  });
};
