// What the histogram shows: latency by percentile, and how the latencies are spread.

const bucketsOf = (run) =>
  (run.histogram ?? []).filter(([edge, count]) => isNumber(edge) && edge > 0 && count > 0);

const totalOf = (buckets) => buckets.reduce((sum, [, count]) => sum + count, 0);

// A bucket's latency holds from the share of messages below it to the share up to its end. The
// last one ends at infinity: it is drawn up to where a single message would be the slowest.
const curveOf = (buckets, total) => {
  const points = [];
  let below = 0;
  for (const [edge, count] of buckets) {
    points.push([total / (total - below), edge]);
    below += count;
    points.push([below < total ? total / (total - below) : total, edge]);
  }
  return points;
};

const namedPercentiles = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999, 0.999999];

const percentileRows = (buckets, total) => {
  const rows = [];
  for (const fraction of namedPercentiles) {
    if (total * (1 - fraction) < 0.999) break;
    let below = 0;
    const bucket = buckets.find(([, count]) => (below += count) >= fraction * total * (1 - 1e-12));
    rows.push([1 / (1 - fraction), bucket[0]]);
  }
  return rows;
};

const percentilePlot = (run) => {
  const buckets = bucketsOf(run);
  const total = totalOf(buckets);
  const limit = (run.requirements ?? []).find(({ text }) => /^p\d+\s*</.test(text ?? ""));
  const edges = buckets.map(([edge]) => edge);
  return {
    id: "percentiles",
    title: `${capitalized(wordsOf(run).latency)} by percentile`,
    subtitle: "How slow the slowest were",
    spoken: percentileRows(buckets, total).map(([x, y]) => `${percentileName(x)}: ${format.duration(y)}`).join(", "),
    x: percentileAxis(Math.max(100, total)),
    y: latencyAxis(edges),
    whereTitle: "Percentile",
    where: (x) => percentileName(x),
    series: [{ label: "latency", colour: "blue", points: curveOf(buckets, total), dots: 0, say: format.duration,
               numbers: percentileRows(buckets, total) }],
    lines: limit && isNumber(limit.limit) ? [{ y: limit.limit, label: limit.text, colour: limit.met ? "good" : "bad" }] : [],
  };
};

// The buckets grow with the latency, so that their counts alone would make steps where there are
// none. Bins of equal width on the logarithmic axis are comparable.
const binsOf = (buckets) => {
  const least = Math.log10(buckets[0][0]);
  const most = Math.log10(last(buckets)[0]);
  const width = Math.max((most - least) / 64, 0.01);
  const counts = new Array(Math.ceil((most - least) / width + 1e-9) + 1).fill(0);
  // A bucket is spread over its own width, or it would make a comb of narrow bins.
  let from = least - width;
  for (const [edge, count] of buckets) {
    const to = Math.log10(edge);
    const begin = Math.max(from, to - width);
    for (let index = Math.floor((begin - least) / width); index * width + least < to; ++index) {
      const low = Math.max(begin, least + index * width);
      const high = Math.min(to, least + (index + 1) * width);
      counts[index + 1] += (count * (high - low)) / (to - begin);
    }
    from = to;
  }
  return counts.map((count, index) => ({
    from: 10 ** (least + (index - 1) * width),
    to: 10 ** (least + index * width),
    count,
  }));
};

// The slowest thousandth reaches so far that it would press the others together.
const withoutSlowest = (buckets, total) => {
  let below = 0;
  return buckets.filter(([, count]) => (below += count) - count < 0.999 * total);
};

const histogramPlot = (run) => {
  const buckets = bucketsOf(run);
  if (!buckets.length) return { series: [] };
  const total = totalOf(buckets);
  const bins = binsOf(withoutSlowest(buckets, total));
  const share = (count) => (100 * count) / total;
  const line = (key, label, colour) => ({ x: run.latency_ms?.[key], label, colour });
  const points = bins.flatMap(({ from, to, count }) => [[from, share(count)], [to, share(count)]]);
  return {
    id: "histogram",
    title: `Spread of the ${wordsOf(run).latency}`,
    subtitle: `Share of the ${wordsOf(run).things}, without the slowest 0.1 %; logarithmic`,
    spoken: `Half are within ${format.duration(run.latency_ms?.p50)}.`,
    x: exactLatencyAxis(points.map(([x]) => x)),
    y: plainAxis("", (value) => `${Number(value.toPrecision(3))} %`, { beginAtZero: true, grace: "12%" }),
    whereTitle: "Latency up to",
    where: (x) => format.duration(x),
    series: [{ label: wordsOf(run).things, colour: "teal", fill: true, thin: true, dots: 0, points, say: format.percent,
               numbers: bins.filter(({ count }) => count).map(({ to, count }) => [to, share(count)]) }],
    lines: [line("p50", "p50", "muted"), line("p99", "p99", "amber")].filter(({ x }) => isNumber(x) && x > 0),
  };
};
