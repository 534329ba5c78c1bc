// The top of the page: what was run, how it went, and what to keep in mind about it.

// What this scenario counts, and what its latency is called.
const wordsOf = ({ scenario, latency_from: from }) => ({
  things: { connect: "connections", storm: "connections", fanout: "deliveries" }[scenario] ?? "messages",
  latency: { handshake: "handshake time", publish: "delivery time" }[from] ?? "latency",
});

const sizeOf = ({ size }) => {
  if (!isNumber(size?.min)) return null;
  return size.max > size.min ? `${format.bytes(size.min)} to ${format.bytes(size.max)}` : format.bytes(size.min);
};

const loopOf = (run) => {
  if (run.loop === "open") return isNumber(run.rate_asked) ? `open loop, ${perSecond(run.rate_asked)}` : "open loop";
  if (run.loop !== "closed") return null;
  return isNumber(run.in_flight) ? `closed loop, ${run.in_flight} in flight` : "closed loop";
};

const startOf = ({ started }) => {
  const date = new Date(started ?? NaN);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace(/T(\d\d:\d\d).*/, " $1 UTC");
};

const factsOf = (run) => [
  isNumber(run.connections) ? plural(run.connections, "connection") : null,
  run.loop ? sizeOf(run) : null,
  run.loop && run.binary ? "binary" : null,
  run.deflate ? "permessage-deflate" : null,
  run.tls ? "TLS" : null,
  loopOf(run),
  isNumber(run.seconds) ? `${format.seconds(run.seconds)} measured` : null,
  startOf(run),
].filter(Boolean);

const faults = [
  ["lost", "lost"], ["changed", "changed"], ["duplicated", "duplicated"],
  ["reordered", "out of order"], ["unsolicited", "unasked for"],
];

const faultsOf = (run) => {
  const found = faults.map(([key, words]) => ({ count: run[key], words }));
  if (isNumber(run.errors)) found.push({ count: run.errors, words: run.errors === 1 ? "error" : "errors" });
  return found.filter(({ count }) => isNumber(count));
};

const verdictOf = (run) => {
  if (!faultsOf(run).length && !run.requirements?.length) return null;
  const unmet = (run.requirements ?? []).filter(({ met }) => !met).length;
  if (unmet) return ["bad", `${plural(unmet, "requirement")} not met`];
  if (faultsOf(run).some(({ count }) => count > 0)) return ["bad", "Not clean"];
  if (run.connections < run.connections_asked) return ["bad", "Not all connected"];
  if (run.interrupted) return ["warn", "Interrupted"];
  if (run.ended_early) return ["warn", "Ended early"];
  return ["good", run.requirements?.length ? "Clean, requirements met" : "Clean"];
};

const headline = (run) => {
  const verdict = verdictOf(run);
  const name = capitalized(run.capacity ? "capacity" : run.scenario ?? "run");
  document.title = `${name} \u2013 ${run.address ?? "wsecho-bench"}`;
  byId("version").textContent = run.version ?? "";
  byId("headline").append(
    element("div", { class: "title" },
      element("h1", {}, name, " ", run.address ? element("span", { class: "address" }, run.address) : null),
      verdict ? element("span", { class: `verdict ${verdict[0]}` }, verdict[1]) : null),
    element("p", { class: "facts" }, ...factsOf(run).map((fact) => element("span", {}, fact))));
};

const tile = (label, [value, unit], hint) =>
  element("div", { class: "tile" },
    element("div", { class: "label" }, label),
    element("div", { class: "value" }, value, unit ? element("span", { class: "unit" }, unit) : null),
    hint ? element("div", { class: "hint" }, hint) : null);

const kneeTiles = (run) => {
  const { capacity } = run;
  const knee = isNumber(capacity.knee_rate) ? kneeOf(run) : null;
  return [
    [capacity.knee_rate, "Knee", (value) => [grouped(value), "/s"], capacity.limit ? `offered, with ${capacity.limit}` : null],
    [knee?.messages_per_second, "Achieved at the knee", (value) => [grouped(value), "/s"], null],
    [knee?.p50_ms, "p50 at the knee", durationParts, null],
    [knee?.p99_ms, "p99 at the knee", durationParts, null],
    [knee?.server_cpu_percent, "Server CPU at the knee", (value) => [threeDigits(value), "%"], "of one core"],
    [run.server?.bytes_per_connection, "Memory per connection", byteParts, null],
  ];
};

const runTiles = (run) => {
  const { things } = wordsOf(run);
  const { latency_ms: latency, server, idle, connect } = run;
  const spoke = run.messages > 0;
  return [
    [spoke ? run.messages_per_second : null, `${capitalized(things)} per second`, (value) => [grouped(value), ""],
     isNumber(run.seconds) ? `${grouped(run.messages)} in ${format.seconds(run.seconds)}` : null],
    [spoke ? latency?.p50 : null, "p50", durationParts, `half the ${things} within`],
    [spoke ? latency?.p99 : null, "p99", durationParts, isNumber(latency?.max) ? `slowest ${format.duration(latency.max)}` : null],
    [spoke ? null : run.connections, "Connections", (value) => [grouped(value), ""],
     isNumber(connect?.seconds) ? `opened in ${format.seconds(connect.seconds)}` : null],
    [spoke ? null : idle?.server_cpu_percent, "Server CPU while idle", (value) => [threeDigits(value), "%"], "of one core"],
    [spoke ? server?.cpu_us_per_message : null, "Server CPU a message", (value) => durationParts(value / 1000),
     isNumber(server?.cpu_percent) ? `${format.percent(server.cpu_percent)} of one core` : null],
    [server?.bytes_per_connection ?? idle?.bytes_per_connection, "Memory per connection", byteParts,
     isNumber(server?.rss_bytes) ? `${format.bytes(server.rss_bytes)} in all` : null],
    [spoke ? null : idle?.pings_answered, "Pings answered", (value) => [grouped(value), ""], null],
  ];
};

const tiles = (run) => {
  const shown = (run.capacity ? kneeTiles(run) : runTiles(run)).filter(([value]) => isNumber(value));
  byId("tiles").append(...shown.map(([value, label, parts, hint]) => tile(label, parts(value), hint)));
};

const checks = (run) => {
  byId("checks").append(...faultsOf(run).map(({ count, words }) =>
    element("span", { class: count > 0 ? "check bad" : "check" },
      `${count > 0 ? "\u2717" : "\u2713"} ${grouped(count)} ${words}`)));
};

const notes = (run) => {
  const add = (kind, text) => byId("notes").append(element("p", { class: `note ${kind}` }, text));
  if (run.interrupted) add("warn", "The run was interrupted: these are the results up to then.");
  if (run.ended_early) add("warn", `The run ended early: ${run.ended_early}.`);
  if (run.connections < run.connections_asked) {
    add("bad", `Only ${grouped(run.connections)} of ${grouped(run.connections_asked)} connections opened.`);
  }
  if (run.first_error) add("bad", `First error: ${run.first_error}`);
  for (const warning of run.warnings ?? []) add("warn", warning);
  if (run.loop === "closed" && (run.latency_from ?? "send") === "send") {
    add("", "Closed loop: latency is measured from the send, so a stalled server hides what would have been sent.");
  }
};

const requirements = (run) => {
  const list = run.requirements ?? [];
  if (!list.length) return;
  const say = (text, value) => (/^(p\d|max|mean|min)/.test(text) ? format.duration(value) : format.number(value));
  show("requirements", table("Requirements",
    [{ title: "Requirement", text: true }, { title: "Limit" }, { title: "Measured" }, { title: "Result", text: true }],
    list.map(({ text = "", value, limit, met }) => [
      text, say(text, limit), say(text, value),
      met ? { text: "\u2713 met", kind: "good" } : { text: "\u2717 not met", kind: "bad" },
    ])));
};
