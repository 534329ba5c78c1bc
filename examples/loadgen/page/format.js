// Numbers as people read them: three digits that matter, and a unit that fits.

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
const last = (list) => list[list.length - 1];
const missing = "\u2013";

const grouped = (value, digits = 0) =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

const threeDigits = (value) => {
  const size = Math.abs(value);
  if (size >= 99.95 || size === 0) return grouped(value);
  return grouped(value, size >= 9.995 ? 1 : 2);
};

// Each of these gives [number, unit], for those who set the unit apart.
const durationParts = (milliseconds) => {
  if (milliseconds < 0.9995) return [threeDigits(milliseconds * 1000), "\u00b5s"];
  if (milliseconds < 999.5) return [threeDigits(milliseconds), "ms"];
  return [threeDigits(milliseconds / 1000), "s"];
};

const byteParts = (bytes) => {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let power = 0;
  while (Math.abs(bytes) >= 1024 && power < units.length - 1) {
    bytes /= 1024;
    ++power;
  }
  return [power ? threeDigits(bytes) : grouped(bytes), units[power]];
};

const joined = (parts) => (value) => (isNumber(value) ? parts(value).join("\u00a0") : missing);

const format = {
  count: (value) => (isNumber(value) ? grouped(value) : missing),
  number: (value) => (isNumber(value) ? (Number.isInteger(value) ? grouped(value) : threeDigits(value)) : missing),
  compact: (value) =>
    value.toLocaleString("en", { notation: "compact", maximumFractionDigits: 2 }).replace("K", "k"),
  duration: joined(durationParts),
  bytes: joined(byteParts),
  percent: joined((value) => [threeDigits(value), "%"]),
  seconds: joined((value) => {
    if (value > 0 && value < 0.9995) return durationParts(value * 1000);
    return [Math.abs(value - Math.round(value)) < 0.05 ? grouped(value) : threeDigits(value), "s"];
  }),
  microseconds: joined((value) => durationParts(value / 1000)),
};

// Seconds on an axis: as 1:30 once there are minutes.
const clock = (seconds, longest) => {
  if (longest < 120) return `${grouped(seconds, Number.isInteger(seconds) ? 0 : 1)} s`;
  const rest = String(Math.round(seconds % 60)).padStart(2, "0");
  return `${Math.floor(seconds / 60)}:${rest}`;
};

const plural = (count, word) => `${grouped(count)} ${word}${count === 1 ? "" : "s"}`;

const capitalized = (text) => text.charAt(0).toUpperCase() + text.slice(1);
