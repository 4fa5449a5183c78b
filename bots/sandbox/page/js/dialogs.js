/** Small dialogs and passing notices: a question with one field, a confirmation, a picture in full, an error. */

import { h } from "./dom.js";
import { t } from "./i18n.js";

function open(node) {
  document.body.append(node);
  node.addEventListener("close", () => node.remove());
  node.showModal();
}

function actions(dialog, done) {
  const cancel = h("button", { type: "button", class: "plain", onclick: () => dialog.close() }, t("cancel"));
  return h("div", { class: "dialog-actions" }, cancel, h("button", { type: "submit", class: "primary" }, done));
}

/** Asks for one or more values; resolves to an object by name, or null if the dialog was left. */
export function ask(title, fields) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { class: "dialog", "aria-label": title });
    const inputs = fields.map((field) => [
      field.name,
      h("input", { value: field.value ?? "", required: !field.optional }),
    ]);
    const rows = fields.map((field, at) => h("label", {}, h("span", {}, field.label), inputs[at][1]));
    let result = null;
    const submit = (event) => {
      event.preventDefault();
      result = Object.fromEntries(inputs.map(([name, input]) => [name, input.value.trim()]));
      dialog.close();
    };
    dialog.append(h("form", { onsubmit: submit }, h("h2", {}, title), rows, actions(dialog, t("ok"))));
    dialog.addEventListener("close", () => resolve(result));
    open(dialog);
  });
}

/** A yes-or-no question in Slack's own words (a button's `confirm`). */
export function confirmed(title, text, yes) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { class: "dialog", "aria-label": title });
    let result = false;
    const submit = (event) => {
      event.preventDefault();
      result = true;
      dialog.close();
    };
    dialog.append(h("form", { onsubmit: submit }, h("h2", {}, title), h("p", {}, text), actions(dialog, yes)));
    dialog.addEventListener("close", () => resolve(result));
    open(dialog);
  });
}

export function showPicture(url, name) {
  const dialog = h("dialog", { class: "lightbox", "aria-label": name || t("picture") });
  const close = h("button", { type: "button", class: "lightbox-close", "aria-label": t("close") }, "×");
  dialog.append(h("img", { src: url, alt: name }), close);
  dialog.addEventListener("click", () => dialog.close());
  open(dialog);
}

export function toast(text) {
  const node = h("p", { class: "toast" }, text);
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), 6000);
}

/** Runs an action of the sandbox; what it refuses is said, and answered with false. */
export async function attempt(action) {
  try {
    await action();
    return true;
  } catch (error) {
    toast(t("failed", { reason: error.message }));
    return false;
  }
}
