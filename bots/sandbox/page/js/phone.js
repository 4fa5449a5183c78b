/** What both phones share: the device around a chat, whose phone it is, and the log that follows the store. */

import { act, phonePath, upload } from "./api.js";
import { attempt } from "./dialogs.js";
import { createLog, forget, h, icon, keepingEnd, syncList, visibleName } from "./dom.js";
import { language, onLanguage, t } from "./i18n.js";
import { kindOf } from "./samples.js";
import { phoneKey } from "./store.js";

const DIVIDER_MS = 5 * 60 * 1000;

/** The messages with a time line wherever the talk had paused. */
function withTimes(messages) {
  const items = [];
  let last = null;
  for (const message of messages) {
    const at = new Date(message.at).getTime();
    if (Number.isFinite(at) && (last === null || at - last > DIVIDER_MS))
      items.push({ id: `time-${message.id}`, time: message.at });
    items.push(message);
    last = at;
  }
  return items;
}

/** The actions of whichever phone is in hand. */
export function hands(platform, store) {
  const path = (verb) => phonePath(platform, store.phone(platform), verb);
  return {
    now: (verb, body) => act(path(verb), body),
    run: (verb, body) => attempt(() => act(path(verb), body)),
    file: (file, caption, extra = {}) => upload(path("send"), file, { kind: kindOf(file), caption, ...extra }),
  };
}

function severalAccounts(platform, store) {
  return new Set(store.state[platform].map((one) => one.account)).size > 1;
}

/** What the chat is called: the shop's name, and where it has several accounts, which of them. */
export function accountName(platform, phone, store) {
  return severalAccounts(platform, store) ? `${t("shop")} · ${phone.account}` : t("shop");
}

/** The strip above a device: whose phone it is, and how to switch. */
function createStand(platform, store) {
  const select = h("select", {
    class: "owner",
    "data-testid": `${platform}-person`,
    "data-t-label": "whose-phone",
  });
  const strip = h("div", { class: "stand-bar" }, icon(platform), select);
  select.addEventListener("change", () => store.choose(platform, select.value));

  function option(phone) {
    const key = phoneKey(phone);
    const account = severalAccounts(platform, store) ? ` · ${phone.account}` : "";
    const unread = store.unread.has(`${platform}:${key}`) ? "● " : "";
    return h("option", { value: key }, `${unread}${visibleName(phone.name, phone.user)}${account}`);
  }

  function draw() {
    const unread = [...store.unread].filter((one) => one.startsWith(platform));
    const sign = (phone) => JSON.stringify([phone.name, unread, store.state[platform].length]);
    syncList(select, store.state[platform], phoneKey, sign, option);
    select.value = store.chosen[platform] ?? "";
  }
  return { node: strip, draw };
}

function statusBar() {
  const time = h("span", { class: "status-time" }, "9:41");
  return h(
    "div",
    { class: "status", "aria-hidden": "true" },
    time,
    h("span", { class: "notch" }),
    icon("status"),
  );
}

/**
 * A device: `parts` = { header, footer, bubble(message, phone), refresh(phone) }. The log is drawn anew only
 * where a message changed.
 */
export function createPhone(platform, store, parts) {
  const stand = createStand(platform, store);
  const log = createLog("", "messages");
  const screen = h("div", { class: "screen" }, statusBar(), parts.header, log, parts.footer);
  const device = h(
    "section",
    { class: `phone ${platform}`, "data-testid": `${platform}-phone`, "data-t-label": `${platform}-phone` },
    screen,
  );
  const node = h("div", { class: "stand" }, stand.node, device);
  let shown = null;

  const build = (phone) => (item) => {
    if (item.time) return h("p", { class: "time-line" }, timeOf(item.time));
    return parts.bubble(item, phone);
  };

  function draw() {
    stand.draw();
    const phone = store.phone(platform);
    device.classList.toggle("away", !phone);
    if (!phone) {
      forget(log);
      return;
    }
    const moved = store.chosen[platform] !== shown;
    if (moved) forget(log);
    shown = store.chosen[platform];
    const own = phone.messages.findLast((one) => one.from === "me")?.id;
    const items = withTimes(phone.messages.filter((one) => !one.deleted));
    const sign = (item) => JSON.stringify([item, language()]);
    keepingEnd(log, { moved, own }, () => {
      parts.refresh(phone);
      syncList(log, items, (item) => item.id, sign, build(phone));
    });
  }

  onLanguage(() => forget(log));
  return { node, device, draw };
}

function timeOf(at) {
  const time = new Date(at);
  const sameDay = time.toDateString() === new Date().toDateString();
  const day = sameDay ? {} : { month: "short", day: "numeric" };
  return time.toLocaleString(language(), { ...day, hour: "2-digit", minute: "2-digit", hour12: false });
}

/** Asks which place to send; the suggestion is a real one. */
export function placeFields() {
  return [
    { name: "label", label: t("place-name"), value: "上海市人民广场" },
    { name: "lat", label: t("latitude"), value: "31.2304" },
    { name: "lon", label: t("longitude"), value: "121.4737" },
  ];
}
