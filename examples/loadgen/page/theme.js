// Light or dark: as the system says, until the button is pressed. Paper is always light.

const theme = (() => {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const listeners = [];
  let chosen = null;

  const current = () => chosen ?? (system.matches ? "dark" : "light");

  const apply = (name) => {
    if (document.documentElement.dataset.theme === name) return;
    document.documentElement.dataset.theme = name;
    const button = byId("theme");
    if (button) button.textContent = name === "dark" ? "Light" : "Dark";
    for (const listener of listeners) listener();
  };

  return {
    start() {
      apply(current());
      system.addEventListener("change", () => apply(current()));
      window.addEventListener("beforeprint", () => apply("light"));
      window.addEventListener("afterprint", () => apply(current()));
    },
    attach(button) {
      button.textContent = current() === "dark" ? "Light" : "Dark";
      button.setAttribute("title", "Switch between light and dark");
      button.addEventListener("click", () => {
        chosen = current() === "dark" ? "light" : "dark";
        apply(chosen);
      });
    },
    onChange: (listener) => listeners.push(listener),
    // The value of a colour of page.css.
    colour: (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim(),
  };
})();
