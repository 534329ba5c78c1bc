// A plot as a card: title, legend, canvas, and the same numbers as a table.
//
// A plot is {id, title, subtitle, x, y, right, series, bands, lines, spoken, where}:
//   series  [{label, colour, points: [[x, y]], say, fill, dashed, thin, stepped, axis, dots}]
//   x, y    of axes.js; right: a second axis for the series whose axis is "right"
//   where   the words for an x, in tooltips and in the table; what it is heads the table

const translucent = (colour) => `${colour}26`;  // the colours of page.css are #rrggbb

const dataset = (series) => {
  const colour = theme.colour(series.colour);
  return {
    label: series.label,
    data: series.points.map(([x, y]) => ({ x, y: isNumber(y) ? y : null })),
    yAxisID: series.axis ?? "y",
    borderColor: colour,
    backgroundColor: series.fill ? translucent(colour) : colour,
    fill: series.fill ? "origin" : false,
    borderWidth: series.points.length > 600 && !series.numbers ? 1 : series.thin ? 1.5 : 2,
    borderDash: series.dashed ? [5, 4] : [],
    borderJoinStyle: "round",
    stepped: series.stepped ?? false,
    spanGaps: false,
    pointRadius: series.dots ?? (series.points.length <= 30 ? 2.5 : 0),
    pointBackgroundColor: series.dotColours?.map(theme.colour) ?? colour,
    pointBorderWidth: 0,
    pointHoverRadius: 4,
    pointHoverBorderWidth: 0,
  };
};

const scale = (axis, { position, grid }) => ({
  type: axis.type,
  position,
  min: axis.min,
  max: axis.max,
  suggestedMax: axis.suggestedMax,
  beginAtZero: axis.beginAtZero ?? false,
  grace: axis.grace,
  title: { display: Boolean(axis.title), text: axis.title, color: theme.colour("muted") },
  grid: {
    display: grid,
    color: theme.colour("line"),
    borderColor: theme.colour("line"),
    tickLength: 0,
  },
  ticks: {
    color: theme.colour("muted"),
    padding: 7,
    maxRotation: 0,
    autoSkip: !axis.ticks,
    autoSkipPadding: 14,
    maxTicksLimit: position === "bottom" ? 11 : 7,
    precision: axis.precision,
    stepSize: axis.stepSize,
    includeBounds: axis.includeBounds ?? true,
    callback: axis.label,
  },
  afterBuildTicks: axis.ticks
    ? (made) => {
        const ticks = typeof axis.ticks === "function" ? axis.ticks(made.chart.width - 60) : axis.ticks;
        made.ticks = ticks.map((value) => ({ value }));
      }
    : undefined,
});

const configuration = (plot, hidden, drawn) => ({
  type: "line",
  data: {
    datasets: plot.series.map((series) => ({ ...dataset(series), hidden: hidden.has(series.label) })),
  },
  options: {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    interaction: { mode: "nearest", axis: "x", intersect: false },
    layout: { padding: { top: 6, right: 6 } },
    scales: {
      x: scale(plot.x, { position: "bottom", grid: false }),
      y: scale(plot.y, { position: "left", grid: true }),
      ...(plot.right ? { right: scale(plot.right, { position: "right", grid: false }) } : {}),
    },
    plugins: {
      legend: { display: false },
      marks: { bands: plot.bands ?? [], lines: plot.lines ?? [] },
      tooltip: {
        backgroundColor: theme.colour("ink"),
        titleColor: theme.colour("card"),
        bodyColor: theme.colour("card"),
        displayColors: plot.series.length > 1,
        padding: 10,
        boxWidth: 8,
        boxHeight: 8,
        boxPadding: 4,
        // A curve of steps has two points at an x, one of which is enough.
        filter: (item, index, items) =>
          items.findIndex(({ datasetIndex }) => datasetIndex === item.datasetIndex) === index,
        callbacks: {
          title: (items) => (items.length ? plot.where(items[0].parsed.x) : ""),
          label: ({ datasetIndex, parsed }) => {
            const series = plot.series[datasetIndex];
            return ` ${series.label}: ${series.say(parsed.y)}`;
          },
        },
      },
    },
  },
  plugins: [marks, { id: "drawn", afterRender: drawn }],
});

// The series over the same xs become one table, with a column for each.
const numbersOf = (plot) => {
  const rows = new Map();
  plot.series.forEach((series, index) => {
    for (const [x, y] of series.numbers ?? series.points) {
      if (!rows.has(x)) rows.set(x, plot.series.map(() => missing));
      rows.get(x)[index] = series.say(y);
    }
  });
  const columns = [{ title: plot.whereTitle, text: true }, ...plot.series.map(({ label }) => ({ title: label }))];
  const sorted = [...rows].sort(([left], [right]) => left - right);
  return table(plot.title, columns, sorted.map(([x, cells]) => [plot.where(x), ...cells]));
};

const legendOf = (plot, hidden, redraw) =>
  element("div", { class: "legend", hidden: plot.series.length > 1 ? null : "" }, ...plot.series.map(({ label, colour }) => {
    const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
    swatch.style.background = `var(--${colour})`;
    const button = element("button", { type: "button", "aria-pressed": "true" }, swatch, label);
    button.addEventListener("click", () => {
      hidden.has(label) ? hidden.delete(label) : hidden.add(label);
      button.setAttribute("aria-pressed", String(!hidden.has(label)));
      redraw();
    });
    return button;
  }));

// Adds it to a grid of plots, or does nothing where none of its series was measured.
const addPlot = (grid, given) => {
  const series = given.series.filter(({ points }) => points.some(([, y]) => isNumber(y)));
  if (!series.length) return false;
  const plot = { ...given, series };
  const hidden = new Set();
  let chart = null;

  const canvas = element("canvas", { role: "img", "aria-label": `${plot.title}. ${plot.spoken ?? ""}`.trim() });
  const details = element("details", {}, element("summary", {}, "Show as a table"));
  // A long run has thousands of rows: they are made for those who open them.
  details.addEventListener("toggle", () => details.append(numbersOf(plot)), { once: true });

  // data-drawn tells those who wait for it (the tests do) that the plot is on the canvas.
  const drawn = () => { figure.dataset.drawn = "true"; };
  const draw = () => {
    chart?.destroy();
    chart = new Chart(canvas, configuration(plot, hidden, drawn));
  };
  const figure = element("figure", { class: "card plot", id: `plot-${plot.id}` },
    element("h3", {}, plot.title),
    plot.subtitle ? element("p", { class: "subtitle" }, plot.subtitle) : null,
    legendOf(plot, hidden, draw),
    element("div", { class: "canvas" }, canvas),
    details);
  grid.append(figure);
  theme.onChange(draw);
  plots.push(draw);
  return true;
};

// Drawn at the end, when each has its place and so its size.
const plots = [];

const drawPlots = () => {
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 12;
  for (const draw of plots) draw();
};
