// Makes elements. What a document holds goes in as text: none of it is ever read as markup.

const byId = (id) => document.getElementById(id);

const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
};

// columns: [{title, text: true where it is not a number}]; a cell is a text or {text, kind}.
const table = (caption, columns, rows) => {
  const cell = (value, index) => {
    const { text, kind } = typeof value === "object" ? value : { text: value, kind: "" };
    const classes = [columns[index].text ? "" : "number", kind].join(" ").trim();
    const scope = index === 0 ? { scope: "row" } : {};
    return element(index === 0 ? "th" : "td", { class: classes || null, ...scope }, text);
  };
  const head = columns.map(({ title, text }) =>
    element("th", { scope: "col", class: text ? null : "number" }, title));
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    element("table", {},
      element("caption", {}, caption),
      element("thead", {}, element("tr", {}, ...head)),
      element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map(cell))))));
};

const show = (id, ...children) => {
  const section = byId(id);
  section.append(...children);
  section.hidden = false;
};
