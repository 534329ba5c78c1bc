// The scales of the plots. Each is a function of the values it has to hold.

const plainAxis = (title, label, more = {}) => ({ type: "linear", title, label, ...more });

// Once there are minutes, the steps are those of a clock.
const clockSteps = [15, 30, 60, 120, 300, 600, 900, 1800, 3600];

const timeAxis = (longest) => plainAxis("", (value) => clock(value, longest), {
  min: 0,
  max: longest,
  includeBounds: false,
  stepSize: longest < 120 ? undefined : clockSteps.find((step) => longest / step <= 8),
});

const rateAxis = (title = "") => plainAxis(title, format.compact, { beginAtZero: true });

const percentAxis = () => plainAxis("", (value) => `${grouped(value)} %`, { beginAtZero: true, suggestedMax: 10 });

const countAxis = () => plainAxis("", format.compact, { beginAtZero: true, precision: 0, grace: "8%" });

// A logarithmic axis ends at 1, 2 or 5 times a power of ten, beyond the values.
const steps = [1, 2, 5];
const decadeOf = (value) => 10 ** Math.floor(Math.log10(value) + 1e-9);

const roundedDown = (value) => {
  const decade = decadeOf(value);
  return decade * last(steps.filter((step) => step <= (value / decade) * (1 + 1e-9)));
};

const roundedUp = (value) => {
  const decade = decadeOf(value);
  return decade * (steps.find((step) => step >= (value / decade) * (1 - 1e-9)) ?? 10);
};

const ticksBetween = (least, most) => {
  const mantissas = Math.log10(most / least) > 3 ? [1] : steps;
  const ticks = [];
  for (let decade = decadeOf(least); decade <= most * (1 + 1e-9); decade *= 10) {
    for (const mantissa of mantissas) {
      const value = Number((decade * mantissa).toPrecision(6));
      if (value >= least * (1 - 1e-9) && value <= most * (1 + 1e-9)) ticks.push(value);
    }
  }
  return ticks;
};

const logarithmicAxis = (values, label, title = "") => {
  const positive = values.filter((value) => isNumber(value) && value > 0);
  if (!positive.length) return plainAxis(title, label);
  const min = roundedDown(Math.min(...positive));
  const max = roundedUp(Math.max(...positive) * 1.001);
  return { type: "logarithmic", title, label, min, max, ticks: ticksBetween(min, max) };
};

const shortDuration = (milliseconds) => {
  if (milliseconds < 1) return `${Number((milliseconds * 1000).toPrecision(3))} \u00b5s`;
  if (milliseconds < 1000) return `${Number(milliseconds.toPrecision(3))} ms`;
  return `${Number((milliseconds / 1000).toPrecision(3))} s`;
};

const latencyAxis = (values, title = "") => logarithmicAxis(values, shortDuration, title);

// It ends with the values themselves.
const exactLatencyAxis = (values) => ({
  ...latencyAxis(values),
  min: Math.min(...values),
  max: Math.max(...values),
  ticks: ticksBetween(Math.min(...values), Math.max(...values)),
});

// x is 1 / (1 - p), as in HDR histograms' plots: 90 %, 99 %, 99.9 % are equally far apart.
const percentileAxis = (most) => {
  const decades = Math.log10(most);
  const ticks = (width) => {
    // 62 pixels are what the longest name takes. A plot that is being laid out may have none yet, or
    // less than none.
    const every = Math.ceil((62 * decades) / Math.max(width, 1));
    const powers = [];
    for (let power = 0; power <= decades + 1e-9; power += every) powers.push(10 ** power);
    return decades <= 4 && every === 1 ? [2, ...powers] : powers;
  };
  return { type: "logarithmic", title: "", label: percentileName, min: 1, max: most, ticks };
};

const percentileName = (x) => {
  const digits = Math.max(x < 100 ? 1 : 0, Math.ceil(Math.log10(x) - 2 - 1e-9));
  return `${Number((100 * (1 - 1 / x)).toFixed(digits))}%`;
};
