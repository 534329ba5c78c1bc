// Reads the document that lies in the page, and fills the page from it.

const fillSection = (id, ...given) => {
  const grid = byId(id).querySelector(".plots");
  const added = given.map((plot) => addPlot(grid, plot));
  if (added.includes(true)) byId(id).hidden = false;
};

const fillPlots = (run) => {
  const time = overTime(run);
  if (run.capacity) {
    fillSection("capacity", achievedPlot(run), capacityLatencyPlot(run));
    if (capacitySteps(run).length) show("capacity", capacityTable(run));
  }
  fillSection("load", throughputPlot(run, time), latencyPlot(run, time));
  fillSection("distribution", percentilePlot(run), histogramPlot(run));
  fillSection("resources", processorPlot(run, time), memoryPlot(run, time), connectionsPlot(run, time));
};

const fillPage = () => {
  theme.attach(byId("theme"));
  let run = null;
  try {
    run = JSON.parse(byId("document").textContent);
  } catch (error) {
    byId("notes").append(element("p", { class: "note bad" }, `The document in this page cannot be read: ${error.message}`));
    return;
  }
  for (const fill of [headline, tiles, checks, notes, requirements, fillPlots, latencies, counts, machine, footer]) {
    fill(run);
  }
  drawPlots();
};

theme.start();
document.addEventListener("DOMContentLoaded", fillPage);
