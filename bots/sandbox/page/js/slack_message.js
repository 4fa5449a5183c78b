/** One message in Slack: who, when, text or blocks, files, reactions, and what its author may do with it. */

import { act, slackPath } from "./api.js";
import { blocks } from "./blocks.js";
import { attempt } from "./dialogs.js";
import { clock, h, initialAvatar, langOf, localUrl, run, visibleName } from "./dom.js";
import { emoji } from "./emoji.js";
import { t } from "./i18n.js";
import { fileChip, picture, video, voice } from "./media.js";
import { mrkdwn, unescapeSlack } from "./mrkdwn.js";

export function namesOf(store) {
  return {
    user: (id) => store.name(id),
    channel: (id) => store.state.channels.find((one) => one.id === id)?.name ?? id,
    people: () => store.state.slack_users.filter((one) => one.role === "agent"),
  };
}

export function authorOf(message, store) {
  const known = store.state.slack_users.some((one) => one.id === message.user);
  const own = known || !message.is_bot ? store.name(message.user) : t("app-name");
  return visibleName(message.username || own, message.user);
}

export function avatar(message, name, className = "avatar") {
  if (message.icon_emoji && emoji(message.icon_emoji)) {
    return h("span", { class: `${className} emoji-avatar`, "aria-hidden": "true" }, emoji(message.icon_emoji));
  }
  const fallback = () => {
    const app = message.is_bot && !message.username;
    return app
      ? h("img", { class: className, src: "icons/onethread.svg", alt: "" })
      : initialAvatar(name, message.username || message.user || name, className);
  };
  const url = message.icon_url && localUrl(message.icon_url);
  if (!url) return fallback();
  const image = h("img", { class: className, src: url, alt: "" });
  image.addEventListener("error", () => image.replaceWith(fallback()));
  return image;
}

function file(one) {
  const family = String(one.mimetype ?? "").split("/")[0];
  if (family === "image") return picture(one.url, one.name);
  if (family === "audio") return voice(one.url, { waves: true });
  if (family === "video") return video(one.url, one.name);
  return fileChip(one.url, one.name);
}

function reaction(one, store) {
  const who = (one.users ?? []).map((id) => store.name(id)).join(", ");
  const props = {
    class: "reaction",
    "data-testid": "reaction",
    "data-name": one.name,
    title: `:${one.name}: ${who}`,
  };
  const sign = h("span", { class: "reaction-sign" }, emoji(one.name) ?? `:${one.name}:`);
  return h(
    "span",
    { ...props, "aria-label": `${one.name} ${one.count}` },
    sign,
    h("span", {}, String(one.count ?? 1)),
  );
}

function press(message, store) {
  return (pressed) => {
    const body = { channel: message.channel, ts: message.ts, ...pressed };
    return attempt(() => act(slackPath(store.chosen.slackUser, "press"), body));
  };
}

function words(message, store) {
  const context = { names: namesOf(store), press: press(message, store) };
  if (message.blocks?.length) return blocks(message.blocks, context);
  const text =
    message.mrkdwn === false ? run(unescapeSlack(message.text ?? "")) : mrkdwn(message.text, context.names);
  return h("div", { class: "slack-text", dir: "auto" }, text);
}

/** Puts a field in the place of the text; Enter saves, Escape leaves it as it was. */
function startEditing(message, store, body) {
  const before = [...body.childNodes];
  const input = h("textarea", { rows: "2", "data-testid": "edit-input", "aria-label": t("edit") });
  const leave = () => {
    body.replaceChildren(...before);
    store.changed();
  };
  const save = async () => {
    const change = { channel: message.channel, ts: message.ts, text: input.value.trim() };
    if (await attempt(() => act(slackPath(store.chosen.slackUser, "edit"), change))) leave();
  };
  input.value = unescapeSlack(message.text ?? "");
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    save();
  });
  const buttons = h("div", { class: "edit-actions" });
  buttons.append(h("button", { type: "button", class: "plain", onclick: leave }, t("cancel")));
  buttons.append(
    h("button", { type: "button", class: "primary", onclick: save, "data-testid": "edit-save" }, t("save")),
  );
  body.replaceChildren(h("div", { class: "editing" }, input, buttons));
  input.focus();
}

function ownTools(message, store, body) {
  const remove = () =>
    attempt(() =>
      act(slackPath(store.chosen.slackUser, "delete"), { channel: message.channel, ts: message.ts }),
    );
  const edit = () => startEditing(message, store, body);
  return h(
    "div",
    { class: "tools" },
    h("button", { type: "button", onclick: edit, "data-testid": "msg-edit" }, t("edit")),
    h("button", { type: "button", onclick: remove, "data-testid": "msg-delete" }, t("delete")),
  );
}

const SHORTCUTS = ["desk.further", "desk.suggest", "desk.send", "desk.faq", "desk.history"];

/** The app's shortcuts, from the message's menu, which is made when it is opened. */
function shortcuts(message, store) {
  const use = (id) => () => {
    menu.replaceChildren(open);
    const body = { channel: message.channel, ts: message.ts, callback_id: id };
    return attempt(() => act(slackPath(store.chosen.slackUser, "shortcut"), body));
  };
  const item = (id) =>
    h("button", { type: "button", onclick: use(id), "data-testid": id }, t(`shortcut-${id}`));
  const toggle = () =>
    menu.replaceChildren(open, ...(menu.childElementCount > 1 ? [] : SHORTCUTS.map(item)));
  const props = { type: "button", "aria-label": t("shortcuts"), "data-testid": "msg-shortcuts" };
  const open = h("button", { ...props, onclick: toggle }, "⋯");
  const menu = h("div", { class: "shortcuts" }, open);
  return menu;
}

function heading(message, name) {
  return h(
    "div",
    { class: "slack-heading" },
    h("bdi", { class: "author", lang: langOf(name) }, name),
    message.is_bot ? h("span", { class: "app-badge" }, t("app-badge")) : null,
    h("time", { datetime: message.at, title: message.at }, clock(message.at)),
    message.edited && message.blocks?.length ? h("span", { class: "edited" }, t("edited")) : null,
  );
}

function bodyOf(message, store) {
  if (message.deleted)
    return h("div", { class: "slack-body" }, h("i", { class: "gone" }, t("message-deleted")));
  const files = (message.files ?? []).map(file);
  const reactions = (message.reactions ?? [])
    .filter((one) => one.count !== 0)
    .map((one) => reaction(one, store));
  return h(
    "div",
    { class: "slack-body" },
    message.text || message.blocks?.length ? words(message, store) : null,
    message.edited && !message.blocks?.length ? h("span", { class: "edited" }, t("edited")) : null,
    files.length ? h("div", { class: "files" }, files) : null,
    reactions.length ? h("div", { class: "reactions" }, reactions) : null,
  );
}

/** `compact` leaves out what the message before has just said: who and when. */
export function slackMessage(message, store, { compact = false } = {}) {
  const name = authorOf(message, store);
  const mine = !message.is_bot && message.user === store.chosen.slackUser;
  const body = bodyOf(message, store);
  const who = mine ? "me" : message.is_bot ? "bot" : "user";
  const only = message.ephemeral_to
    ? h("p", { class: "only-you" }, h("span", { "aria-hidden": "true" }, "👁 "), t("only-you"))
    : null;
  const side = compact ? h("time", { class: "side-time" }, clock(message.at)) : avatar(message, name);
  return h(
    "div",
    {
      class: `slack-message${compact ? " compact" : ""}${message.ephemeral_to ? " ephemeral" : ""}`,
      "data-testid": "msg",
      "data-from": who,
      "data-ts": message.ts,
      "data-user": message.user,
    },
    side,
    h("div", { class: "slack-main" }, only, compact ? null : heading(message, name), body),
    mine && !message.deleted && !message.ephemeral_to ? ownTools(message, store, body) : null,
    store.me()?.role === "agent" && store.chosen.place !== "dm" && !message.deleted && !message.ephemeral_to
      ? shortcuts(message, store)
      : null,
  );
}

/** The newest message that this user wrote. */
export function lastOf(user, messages) {
  return messages.findLast((one) => one.user === user && !one.is_bot)?.ts;
}

const TOGETHER_MS = 5 * 60 * 1000;

/** Whether `message` follows `before` so closely that its heading can be left out. */
export function follows(before, message) {
  if (!before || before.ephemeral_to || message.ephemeral_to || before.deleted) return false;
  if (before.blocks?.length || message.blocks?.length) return false;
  const same = before.user === message.user && before.username === message.username;
  return same && before.is_bot === message.is_bot && new Date(message.at) - new Date(before.at) < TOGETHER_MS;
}
