/** The modal that the app shows to the Slack user being played: what is filled in, pressed, sent and complained about. */

import { act, slackPath } from "./api.js";
import { blocks } from "./blocks.js";
import { attempt } from "./dialogs.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { namesOf } from "./slack_message.js";

/** What stands in the fields: `{block_id: {action_id: value}}`. */
function valuesIn(node) {
  const values = {};
  for (const block of node.querySelectorAll("[data-block]")) {
    const field = block.querySelector("[data-action]");
    const boxes = [...block.querySelectorAll("input[type=checkbox]:checked")].map((one) => one.value);
    const radio = block.querySelector("input[type=radio]:checked")?.value;
    const plain = "value" in field ? field.value || null : null;
    const value = block.querySelector("input[type=checkbox]") ? boxes : (radio ?? plain);
    values[block.dataset.block] = { [field.dataset.action]: value };
  }
  return values;
}

/** As in Slack, a field that stays keeps what was typed into it. */
function refill(node, values) {
  for (const block of node.querySelectorAll("[data-block]")) {
    const field = block.querySelector("[data-action]");
    const before = values[block.dataset.block];
    if (before && field.dataset.action in before && "value" in field)
      field.value = before[field.dataset.action] ?? "";
  }
}

export function createModal(store) {
  let shown = null;

  const tell = (verb, body) => attempt(() => act(slackPath(store.chosen.slackUser, verb), body));

  function take() {
    const node = shown?.node;
    shown = null;
    node?.remove();
  }

  function content(view, errors, values) {
    const close = () => shown.node.close();
    const press = (pressed) => tell("modal_press", { ...pressed, values: valuesIn(shown.node) });
    const title = view.title?.text ?? t("app-name");
    const head = h("header", {}, h("img", { src: "icons/onethread.svg", alt: "" }), h("h2", {}, title));
    const body = blocks(view.blocks, { names: namesOf(store), press, errors });
    const wrong = errors[""] ? h("p", { class: "kit-error", role: "alert" }, errors[""]) : null;
    refill(body, values);
    const leave = h(
      "button",
      { type: "button", class: "plain", onclick: close, "data-testid": "modal-close" },
      view.close?.text ?? t("close"),
    );
    const send = view.submit
      ? h("button", { type: "submit", class: "primary", "data-testid": "modal-submit" }, view.submit.text)
      : null;
    return [head, wrong, body, h("footer", {}, leave, send)];
  }

  function open(modal) {
    const form = h("form", { novalidate: true });
    const node = h("dialog", { class: "modal", "data-testid": "slack-modal" }, form);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const send = form.querySelector("[data-testid=modal-submit]");
      if (!send) return;
      send.disabled = true;
      await tell("modal_submit", { values: valuesIn(node) });
      send.disabled = false;
    });
    node.addEventListener("close", () => {
      if (shown?.node !== node) return;
      store.modal = null;
      take();
      tell("modal_close", {});
    });
    document.body.append(node);
    shown = { node, form, view: null, user: modal.user };
    node.showModal();
  }

  /** The same modal with other content stays open: only what is in it changes. */
  function draw() {
    const modal = store.modal;
    const mine = modal?.view && modal.user === store.chosen.slackUser;
    if (!mine) {
      take();
      return;
    }
    if (shown?.modal === modal) return;
    const values = shown?.view?.id === modal.view.id ? valuesIn(shown.node) : {};
    if (shown && shown.user !== modal.user) take();
    if (!shown) open(modal);
    const stays = modal.view === shown.view || Object.keys(modal.errors).length > 0;
    const scrolled = stays ? shown.form.querySelector(".kit")?.scrollTop : 0;
    Object.assign(shown, { modal, view: modal.view });
    shown.node.setAttribute("aria-label", modal.view.title?.text ?? t("app-name"));
    shown.form.replaceChildren(...content(modal.view, modal.errors, values).filter(Boolean));
    shown.form.querySelector(".kit").scrollTop = scrolled ?? 0;
    shown.form.querySelector(".kit-error")?.scrollIntoView({ block: "nearest" });
  }

  return { draw };
}
