/** The page: builds the bar and the three devices, then follows the sandbox's stream. */

import { listen } from "./api.js";
import { attempt } from "./dialogs.js";
import { h } from "./dom.js";
import { label, loadTexts, onLanguage } from "./i18n.js";
import { createModal } from "./modal.js";
import { createSlack } from "./slack.js";
import { createStore } from "./store.js";
import { createTelegram } from "./telegram.js";
import { createTopbar } from "./topbar.js";
import { createWechat } from "./wechat.js";

async function start() {
  const store = createStore();
  const wechat = createWechat(store);
  const telegram = createTelegram(store);
  const slack = createSlack(store);
  const modal = createModal(store);
  const topbar = createTopbar(store, wechat.say);
  document
    .getElementById("app")
    .append(topbar.node, h("main", { class: "devices" }, wechat.node, telegram.node, slack.node));
  for (const part of [wechat, telegram, slack, modal]) store.subscribe(part.draw);
  onLanguage(store.changed);
  await loadTexts();
  label(document.body);
  listen({
    opened: () => attempt(store.reload),
    event: store.apply,
    status: topbar.status,
  });
}

start();
