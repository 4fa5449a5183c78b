/** A button that opens a list of things to do; closes on a choice, on Escape and on a press elsewhere. */

import { h } from "./dom.js";

let shown = null;

function close() {
  if (!shown) return;
  shown.panel.hidden = true;
  shown.button.setAttribute("aria-expanded", "false");
  shown = null;
}

document.addEventListener("pointerdown", (event) => {
  if (shown && !shown.wrap.contains(event.target)) close();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});

function entry(item) {
  if (item.heading) return h("p", { class: "menu-heading" }, item.heading);
  const run = () => {
    close();
    item.run();
  };
  const props = {
    type: "button",
    class: "menu-item",
    role: "menuitem",
    onclick: run,
    "data-testid": item.testid,
  };
  return h(
    "button",
    props,
    item.icon ? h("span", { class: "menu-icon", "aria-hidden": "true" }, item.icon) : null,
    item.label,
  );
}

function step(panel, event) {
  const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!way) return;
  const items = [...panel.querySelectorAll("button:not(:disabled)")];
  const at = items.indexOf(document.activeElement);
  items.at((at + way + items.length) % items.length)?.focus();
  event.preventDefault();
}

/** `entries()` is asked anew at every opening, so that it can follow the state and the language. */
export function menuButton(button, entries, className = "") {
  const panel = h("div", { class: `menu ${className}`, role: "menu", hidden: true });
  const wrap = h("div", { class: "menu-wrap" }, button, panel);
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => {
    const opening = panel.hidden;
    close();
    if (!opening) return;
    panel.replaceChildren(...entries().map((item) => (item instanceof Node ? item : entry(item))));
    panel.hidden = false;
    button.setAttribute("aria-expanded", "true");
    shown = { wrap, panel, button };
    panel.querySelector("button")?.focus({ preventScroll: true });
  });
  panel.addEventListener("keydown", (event) => step(panel, event));
  wrap.addEventListener("keydown", (event) => {
    // What lies around it (a thread, a dialog) must not take this Escape for its own.
    if (event.key !== "Escape" || panel.hidden) return;
    event.stopPropagation();
    close();
    button.focus();
  });
  return wrap;
}
