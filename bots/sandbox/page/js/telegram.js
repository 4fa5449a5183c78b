/** The Telegram phone: a private chat with the bot, its buttons, commands and edits. */

import { createComposer } from "./composer.js";
import { ask } from "./dialogs.js";
import { clock, h, icon, langOf, run } from "./dom.js";
import { t } from "./i18n.js";
import { attachment } from "./media.js";
import { menuButton } from "./menus.js";
import { accountName, createPhone, hands, placeFields } from "./phone.js";
import { isTyping } from "./store.js";
import { telegramHtml } from "./telegram_html.js";

function words(message) {
  if (message.kind === "location" || (message.kind === "sticker" && !message.file) || !message.text)
    return null;
  return message.html ? telegramHtml(message.text) : run(message.text);
}

function keyboard(message, hand) {
  const key = (choice) => {
    const props = { type: "button", class: "inline-key", "data-testid": "choice", "data-id": choice.id };
    return h(
      "button",
      { ...props, onclick: () => hand.run("tap", { message: message.id, data: choice.id }) },
      choice.label,
    );
  };
  return h(
    "div",
    { class: "inline-keys" },
    message.choices.map((row) => h("div", { class: "inline-row" }, row.map(key))),
  );
}

async function edit(message, hand) {
  const answer = await ask(t("edit"), [{ name: "text", label: t("text"), value: message.text }]);
  if (answer) hand.run("edit", { message: message.id, text: answer.text });
}

/** Edited mark, time, and for one's own messages the two ticks. */
function foot(message) {
  const mine = message.from === "me";
  const ticks = mine ? h("span", { class: "ticks", role: "img", "aria-label": t("delivered") }, "✓✓") : null;
  return h(
    "span",
    { class: "foot" },
    message.edited ? h("i", {}, `${t("edited-mark")} `) : null,
    clock(message.at),
    ticks,
  );
}

function bubbleOf(message, hand) {
  if (message.from === "system")
    return h("p", { class: "system-line", "data-testid": "msg", "data-from": "system" }, run(message.text));
  const mine = message.from === "me";
  const media = attachment(message, { waves: true });
  const text = words(message);
  const bare = media && !text && ["image", "video", "sticker"].includes(message.kind);
  const loose = message.kind === "sticker" ? " loose" : "";
  const props = {
    class: `bubble kind-${message.kind}${bare ? " bare" : ""}${loose}`,
    dir: "auto",
    lang: langOf(message.text ?? ""),
  };
  const pencil = h(
    "button",
    {
      type: "button",
      class: "pencil",
      "aria-label": t("edit"),
      "data-testid": "telegram-edit",
      onclick: () => edit(message, hand),
    },
    "✎",
  );
  const editable = mine && message.kind === "text";
  return h(
    "div",
    {
      class: `message ${message.from}`,
      "data-testid": "msg",
      "data-from": message.from,
      "data-id": message.id,
    },
    h("div", { class: "bubble-row" }, editable ? pencil : null, h("div", props, media, text, foot(message))),
    message.choices?.length ? keyboard(message, hand) : null,
  );
}

export function createTelegram(store) {
  const hand = hands("telegram", store);
  const title = h("h2", { class: "chat-title" });
  const status = h("p", { class: "chat-status" });
  const more = h(
    "button",
    { type: "button", class: "more", "data-t-label": "more", "data-testid": "telegram-more" },
    icon("dots-vertical"),
  );
  const face = h("img", { class: "avatar", src: "icons/onethread.svg", alt: "" });
  const header = h(
    "header",
    { class: "chat-head" },
    h("span", { class: "back", "aria-hidden": "true" }, "←"),
    face,
    h("div", { class: "chat-names" }, title, status),
    menuButton(more, entries, "down"),
  );
  const start = h("button", { type: "button", class: "start", "data-testid": "telegram-start" });
  const commands = h(
    "button",
    { type: "button", class: "commands", "data-testid": "telegram-commands" },
    icon("menu"),
    h("span", { "data-t": "commands" }),
  );
  const commandMenu = menuButton(commands, commandEntries, "up");
  const footer = h("footer", { class: "chat-footer" });

  async function startWith() {
    const answer = await ask(t("start-payload"), [{ name: "payload", label: t("payload"), optional: true }]);
    if (answer) hand.run("start", answer);
  }

  async function place() {
    const answer = await ask(t("send-place"), placeFields());
    if (answer) hand.run("place", { lat: Number(answer.lat), lon: Number(answer.lon), label: answer.label });
  }

  function entries() {
    const blocked = store.phone("telegram")?.blocked;
    const toggle = blocked
      ? { label: t("unblock"), icon: "✅", run: () => hand.run("unblock", {}), testid: "telegram-unblock" }
      : { label: t("block"), icon: "🚫", run: () => hand.run("block", {}), testid: "telegram-block" };
    return [
      { label: t("start-payload"), icon: "🔗", run: startWith, testid: "telegram-start-payload" },
      toggle,
    ];
  }

  function commandEntries() {
    const known = store.phone("telegram")?.commands ?? [];
    return known.map((one) => ({
      label: h("span", { class: "command" }, h("span", {}, one.description), h("b", {}, `/${one.command}`)),
      run: () =>
        one.command === "start"
          ? hand.run("start", { payload: "" })
          : hand.run("say", { text: `/${one.command}` }),
      testid: `telegram-command-${one.command}`,
    }));
  }

  const telegram = createPhone("telegram", store, {
    header,
    footer,
    bubble: (one) => bubbleOf(one, hand),
    refresh,
  });
  const composer = createComposer({
    name: "telegram",
    hint: "message-hint",
    send: (text) => hand.now("say", { text }),
    sendFile: (file, text) => hand.file(file, text),
    zone: telegram.device,
    more: () => [
      { label: t("send-sticker"), icon: "😺", run: () => hand.run("sticker", {}), testid: "telegram-sticker" },
      { label: t("send-place"), icon: "📍", run: place, testid: "telegram-place" },
    ],
    face: { send: "send-telegram", attach: "attach" },
  });
  composer.node.querySelector(".composer-row").prepend(commandMenu);
  footer.append(start, composer.node);

  /** A bot can be written to only after START, and again after an unblock. */
  function refresh(phone) {
    title.textContent = accountName("telegram", phone, store);
    const typing = isTyping(store, phone);
    status.textContent = typing ? t("typing-telegram") : t("bot");
    status.classList.toggle("typing", typing);
    composer.at(store.chosen.telegram);
    const open = phone.following !== false && !phone.blocked;
    start.hidden = open;
    start.textContent = phone.blocked ? t("unblock") : t("start");
    start.onclick = () => (phone.blocked ? hand.run("unblock", {}) : hand.run("start", { payload: "" }));
    composer.node.hidden = !open;
    commandMenu.hidden = !phone.commands?.length;
  }

  return telegram;
}
