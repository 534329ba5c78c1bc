// The foot of the page: every number of the document, whether this page knows its key or not.

const latencyColumns = ["min", "mean", "stddev", "p50", "p90", "p99", "p999", "p9999", "max"];

const percentileTitle = (key) => (/^p99\d/.test(key) ? `p99.${key.slice(3)}` : key);

const latencies = (run) => {
  const since = { send: "from the send", intended: "from the intended send", handshake: "of the handshake",
                  publish: "from the publish" }[run.latency_from];
  const rows = [
    [["Latency", since].filter(Boolean).join(" "), run.latency_ms],
    ["First delivery of a round", run.fanout?.first_ms],
    ["Last delivery of a round", run.fanout?.last_ms],
    ["Sent later than intended by", run.schedule_lag_ms],
  ].filter(([, values]) => values && latencyColumns.some((key) => isNumber(values[key])));
  // An idle run's are all zero.
  if (!rows.length || !rows.some(([, values]) => values.max > 0)) return;
  const columns = latencyColumns.filter((key) => rows.some(([, values]) => isNumber(values[key])));
  show("latencies", table("Latencies",
    [{ title: "", text: true }, ...columns.map((key) => ({ title: percentileTitle(key) }))],
    rows.map(([name, values]) => [name, ...columns.map((key) => format.duration(values[key]))])));
};

// Shown elsewhere, or too long for a table of counts.
const shownElsewhere = new Set([
  "program", "version", "command", "machine", "latency_ms", "schedule_lag_ms", "first_ms", "last_ms",
  "warnings", "requirements", "series", "histogram", "capacity",
]);

const knownNames = new Map(Object.entries({
  cpu_us_per_message: "CPU per message", cpu_percent: "CPU", rss_bytes: "resident memory",
  rss_bytes_max: "resident memory, most", bytes_per_connection: "memory per connection",
  server_cpu_us_per_connection: "server's CPU per connection",
  generator_cpu_percent: "generator's CPU", generator_busy_percent: "generator busy",
  generator_cpu_us_per_message: "generator's CPU per message",
  longest_silence_ms: "longest silence", messages_per_second: "messages per second",
  connections_asked: "connections asked for", rate_asked: "rate asked for", tls: "TLS",
  seconds: "duration", warm_up_seconds: "warm-up", server_cpu_percent: "server's CPU", cpu: "CPU",
  binary: "binary messages", deflate: "permessage-deflate",
}));

const nameOf = (key) =>
  knownNames.get(key) ?? key.replace(/_(ms|bytes|percent|us)$/, "").replace(/_us_per_/, " per ").replace(/_/g, " ");

// The unit is in the key: that is the document's rule.
const valueOf = (key, value) => {
  if (value === null || value === undefined || value === "") return missing;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (!isNumber(value)) return String(value);
  if (/_us(_|$)/.test(key)) return format.microseconds(value);
  if (/_ms$/.test(key)) return format.duration(value);
  if (/bytes/.test(key) || key === "min" || key === "max") return format.bytes(value);
  if (/_percent$/.test(key)) return format.percent(value);
  if (/^(seconds|.*_seconds)$/.test(key)) return format.seconds(value);
  return format.number(value);
};

const isPlain = (value) => value === null || typeof value !== "object";

const list = (title, entries) => (entries.some(([, value]) => value !== null)
  ? element("dl", {}, element("h3", {}, capitalized(title)), ...entries.map(([key, value]) =>
      element("div", {}, element("dt", {}, capitalized(nameOf(key))), element("dd", {}, valueOf(key, value)))))
  : null);

const plainEntries = (object) =>
  Object.entries(object).filter(([key, value]) => isPlain(value) && !shownElsewhere.has(key));

// Objects within objects become lists of their own: "attempts, failed".
const listsOf = (title, object) => [
  list(title, plainEntries(object)),
  ...Object.entries(object)
    .filter(([key, value]) => !isPlain(value) && !Array.isArray(value) && !shownElsewhere.has(key))
    .flatMap(([key, value]) => listsOf(title ? `${title}, ${nameOf(key)}` : nameOf(key), value)),
];

const groups = [
  ["messages", /^(messages|sent$|bytes_|latency_from|longest|rounds|deliveries)/],
  ["faults", /^(errors|first_error|lost|changed|duplicated|reordered|unsolicited|interrupted|ended_early)/],
  ["load generator", /^(generator_|threads)/],
];

const counts = (run) => {
  const groupOf = ([key]) => groups.find(([, keys]) => keys.test(key))?.[0] ?? "run";
  const entries = plainEntries(run);
  const own = ["run", ...groups.map(([title]) => title)].map((title) =>
    list(title, entries.filter((entry) => groupOf(entry) === title)));
  const inner = Object.fromEntries(Object.entries(run).filter(([, value]) => !isPlain(value)));
  show("counts", element("div", { class: "pairs" }, ...[...own, ...listsOf("", inner)].filter(Boolean)));
};

// As it could be typed again: quoted where a shell would take it apart.
const quoted = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`);

const machineFact = ([key, value]) => {
  if (key === "cpu" || key === "system") return String(value);
  if (key === "cores" && isNumber(value)) return plural(value, "core");
  return `${nameOf(key)} ${valueOf(key, value)}`;
};

const machine = (run) => {
  const command = Array.isArray(run.command) ? run.command.map((word) => quoted(String(word))).join(" ") : "";
  const facts = plainEntries(run.machine ?? {}).filter(([, value]) => value !== null).map(machineFact);
  if (!command && !facts.length) return;
  show("machine", element("div", { class: "card machine" },
    command ? element("code", {}, command) : null,
    element("p", { class: "facts" }, ...facts.map((fact) => element("span", {}, fact)))));
};

const footer = (run) => {
  byId("footer").textContent =
    `Made by ${[run.program ?? "wsecho-bench", run.version].filter(Boolean).join(" ")}. ` +
    `Plots by Chart.js ${Chart.version}, MIT License.`;
};
