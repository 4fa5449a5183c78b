/** The WeChat phone: an Official Account's chat with its service menu. */

import { createComposer } from "./composer.js";
import { ask } from "./dialogs.js";
import { h, icon, initialAvatar, langOf, run, visibleName } from "./dom.js";
import { t } from "./i18n.js";
import { attachment } from "./media.js";
import { menuButton } from "./menus.js";
import { accountName, createPhone, hands, placeFields } from "./phone.js";
import { sampleVoice } from "./samples.js";
import { isTyping } from "./store.js";

const SPOKEN = "怎么退货？";

/** A msgmenu: a heading, choices as lines to tap, an ending. */
function choices(message, tap) {
  const line = (choice) => {
    const props = { type: "button", class: "choice-line", "data-testid": "choice", "data-id": choice.id };
    return h(
      "button",
      { ...props, onclick: () => tap("tap", { id: choice.id, label: choice.label }) },
      choice.label,
    );
  };
  const rows = message.choices.flat().map(line);
  const head = message.choice_head ? run(message.choice_head) : null;
  return [
    head,
    h("div", { class: "choice-lines" }, rows),
    message.choice_tail ? run(message.choice_tail) : null,
  ];
}

function inner(message, tap) {
  const media = attachment(message);
  const words =
    message.kind === "location" || (message.kind === "sticker" && !message.file) ? "" : message.text;
  const menu = message.choices?.length ? choices(message, tap) : null;
  return [media, words ? run(words) : null, menu];
}

function bubbleOf(message, phone, tap) {
  if (message.from === "system")
    return h("p", { class: "system-line", "data-testid": "msg", "data-from": "system" }, run(message.text));
  const mine = message.from === "me";
  const bare = ["image", "video"].includes(message.kind) && !message.text;
  const name = visibleName(phone.name, phone.user);
  const face = mine
    ? initialAvatar(name, phone.user)
    : h("img", { class: "avatar", src: "icons/onethread.svg", alt: "" });
  const props = {
    class: `bubble kind-${message.kind}${bare ? " bare" : ""}`,
    dir: "auto",
    lang: langOf(message.text || message.choice_head || ""),
  };
  const bubble = h("div", props, inner(message, tap));
  if (message.passive) bubble.title = t("passive");
  return h(
    "div",
    {
      class: `message ${message.from}`,
      "data-testid": "msg",
      "data-from": message.from,
      "data-id": message.id,
    },
    face,
    bubble,
  );
}

export function createWechat(store) {
  const hand = hands("wechat", store);
  const title = h("h2", { class: "chat-title" });
  const more = h(
    "button",
    { type: "button", class: "more", "data-t-label": "more", "data-testid": "wechat-more" },
    icon("dots"),
  );
  const menu = h("nav", { class: "service-menu", "data-t-label": "service-menu", hidden: true });
  const follow = h("button", {
    type: "button",
    class: "follow",
    "data-testid": "wechat-follow",
    "data-t": "follow",
    onclick: () => hand.run("follow", {}),
  });
  const footer = h("footer", { class: "chat-footer" });
  const back = h("span", { class: "back", "aria-hidden": "true" }, "‹");
  const header = h("header", { class: "chat-head" }, back, title, menuButton(more, entries, "down"));

  async function scan() {
    const answer = await ask(t("scan"), [{ name: "scene", label: t("scene") }]);
    if (answer) hand.run("scan", answer);
  }

  async function place() {
    const answer = await ask(t("send-place"), placeFields());
    if (answer) hand.run("place", { lat: Number(answer.lat), lon: Number(answer.lon), label: answer.label });
  }

  /** WeChat names its types; one that nobody expects shows how the bot takes what it can't read. */
  async function unknown() {
    const answer = await ask(t("send-unknown"), [
      { name: "type", label: t("type-name"), value: "channels_video" },
    ]);
    if (answer) hand.run("unknown", answer);
  }

  function entries() {
    const following = store.phone("wechat")?.following !== false;
    const followed = following
      ? { label: t("unfollow"), icon: "🚫", run: () => hand.run("unfollow", {}), testid: "wechat-unfollow" }
      : { label: t("follow"), icon: "➕", run: () => hand.run("follow", {}) };
    return [
      { label: t("scan"), icon: "🔳", run: scan, testid: "wechat-scan" },
      { label: t("send-unknown"), icon: "❔", run: unknown, testid: "wechat-unknown" },
      followed,
    ];
  }

  const spoken = async () => hand.file(await sampleVoice(), "", { recognition: SPOKEN });
  const wechat = createPhone("wechat", store, {
    header,
    footer,
    bubble: (one, phone) => bubbleOf(one, phone, hand.run),
    refresh,
  });
  const composer = createComposer({
    name: "wechat",
    hint: "message-hint",
    send: (text) => hand.now("say", { text }),
    sendFile: (file) => hand.file(file, ""),
    zone: wechat.device,
    more: () => [
      { label: t("sample-spoken", { text: SPOKEN }), icon: "🗣️", run: spoken, testid: "wechat-sample-spoken" },
      { label: t("send-place"), icon: "📍", run: place, testid: "wechat-place" },
    ],
    face: { attach: "plus-circle" },
  });
  footer.append(follow, composer.node, menu);

  function menuEntry(item) {
    return h(
      "button",
      {
        type: "button",
        "data-testid": `wechat-menu-${item.key}`,
        onclick: () => hand.run("menu", { key: item.key }),
      },
      run(item.name),
    );
  }

  function refresh(phone) {
    title.textContent = isTyping(store, phone) ? t("typing") : accountName("wechat", phone, store);
    composer.at(store.chosen.wechat);
    const following = phone.following !== false;
    follow.hidden = following;
    composer.node.hidden = !following;
    menu.hidden = !following || !phone.menu?.length;
    const sign = JSON.stringify(phone.menu ?? []);
    if (menu.dataset.sign === sign) return;
    menu.dataset.sign = sign;
    menu.replaceChildren(...(phone.menu ?? []).map(menuEntry));
  }

  return { ...wechat, say: (text) => hand.run("say", { text }) };
}
