// The search for a server's capacity: what came of each rate that was offered, and the knee.

const capacitySteps = (run) =>
  (run.capacity?.steps ?? []).filter(({ rate }) => isNumber(rate)).sort((left, right) => left.rate - right.rate);

const capacityPlot = (run, more) => {
  const { knee_rate: knee } = run.capacity;
  return {
    x: { ...rateAxis("Offered, messages a second"), max: roundedUpFine(last(capacitySteps(run))?.rate ?? 1) },
    whereTitle: "Offered",
    where: (x) => `offered ${perSecond(x)}`,
    ...more,
    lines: [
      ...(isNumber(knee) ? [{ x: knee, label: `knee: ${perSecond(knee)}`, colour: "good" }] : []),
      ...(more.lines ?? []),
    ],
  };
};

// Room for the last point, but not to the next power of ten.
const roundedUpFine = (value) => {
  const unit = decadeOf(value) / 10;
  return Math.ceil((value * 1.02) / unit) * unit;
};

// The step at the knee, whose figures stand for what the server can do.
const kneeOf = (run) => last(capacitySteps(run).filter(({ rate }) => rate <= run.capacity.knee_rate));

const dotColours = (steps, colour) => steps.map(({ passed }) => (passed === false ? "red" : colour));

const achievedPlot = (run) => {
  const steps = capacitySteps(run);
  if (!steps.length) return { series: [] };
  const most = last(steps).rate;
  return capacityPlot(run, {
    id: "achieved",
    title: "Achieved rate",
    subtitle: "Messages a second; red is beyond the limit",
    spoken: `The knee is at ${perSecond(run.capacity.knee_rate)}.`,
    y: { ...rateAxis(), max: roundedUpFine(most) },
    series: [
      { label: "achieved", colour: "blue", dots: 4, dotColours: dotColours(steps, "blue"), say: perSecond,
        points: steps.map((step) => [step.rate, step.messages_per_second]) },
      { label: "offered", colour: "slate", dashed: true, thin: true, dots: 0, say: perSecond,
        points: [[0, 0], [most, most]], numbers: steps.map(({ rate }) => [rate, rate]) },
    ],
  });
};

const capacityTable = (run) => table("Steps of the search for the capacity",
  [{ title: "Offered", text: true }, { title: "Achieved" }, { title: "p50" }, { title: "p99" }, { title: "p99.9" },
   { title: "Server CPU" }, { title: "Generator busy" }, { title: "Limit", text: true }],
  capacitySteps(run).map((step) => [
    perSecond(step.rate), perSecond(step.messages_per_second),
    format.duration(step.p50_ms), format.duration(step.p99_ms), format.duration(step.p999_ms),
    format.percent(step.server_cpu_percent), format.percent(step.generator_busy_percent),
    step.passed ? { text: "\u2713 kept", kind: "good" } : { text: "\u2717 broken", kind: "bad" },
  ]));

// "p99<20ms" as a line, where it limits what is plotted.
const limitLine = (words) => {
  const parts = /^p99\s*<=?\s*([\d.]+)\s*(us|ms|s)$/.exec(words ?? "");
  if (!parts) return null;
  return { y: Number(parts[1]) * { us: 0.001, ms: 1, s: 1000 }[parts[2]], label: `limit: ${words}`, colour: "bad" };
};

const capacityLatencyPlot = (run) => {
  const steps = capacitySteps(run);
  const limit = limitLine(run.capacity?.limit);
  const lines = [
    { key: "p50_ms", label: "p50", colour: "teal", thin: true, dots: 2.5 },
    { key: "p99_ms", label: "p99", colour: "amber", dots: 4, dotColours: dotColours(steps, "amber") },
    { key: "p999_ms", label: "p99.9", colour: "magenta", thin: true, dots: 2.5 },
  ];
  const series = lines.map(({ key, ...line }) =>
    ({ ...line, points: steps.map((step) => [step.rate, positive(step[key])]), say: format.duration }));
  return capacityPlot(run, {
    id: "capacity-latency",
    title: "Latency at each rate",
    subtitle: "Logarithmic; from the time at which each message was due",
    spoken: `The limit was ${run.capacity?.limit ?? "not named"}.`,
    y: latencyAxis([...series.flatMap(({ points }) => points.map(([, y]) => y)), limit?.y]),
    series,
    lines: limit ? [limit] : [],
  });
};
