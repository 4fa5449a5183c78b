/** A view that the app opened for the Slack user being played. */

import { blocks } from "./blocks.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { namesOf } from "./slack_message.js";

export function createModal(store) {
  let shown = null;

  function leave() {
    store.modal = null;
    shown?.node.remove();
    shown = null;
  }

  function build(view) {
    const title = view.title?.text ?? t("app-name");
    const close = h(
      "button",
      { type: "button", class: "plain", onclick: () => node.close(), "data-testid": "modal-close" },
      view.close?.text ?? t("close"),
    );
    const head = h("header", {}, h("img", { src: "icons/onethread.svg", alt: "" }), h("h2", {}, title));
    const body = blocks(view.blocks, { names: namesOf(store), press: async () => {} });
    const node = h(
      "dialog",
      { class: "modal", "aria-label": title, "data-testid": "slack-modal" },
      head,
      body,
      h("footer", {}, close),
    );
    node.addEventListener("close", leave);
    return node;
  }

  function draw() {
    const modal = store.modal;
    const mine = modal?.view && (!modal.user || modal.user === store.chosen.slackUser);
    if (!mine || shown?.view === modal.view) return;
    shown?.node.remove();
    shown = { view: modal.view, node: build(modal.view) };
    document.body.append(shown.node);
    shown.node.showModal();
  }

  return { draw };
}
