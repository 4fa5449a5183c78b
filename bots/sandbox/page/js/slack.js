/** The Slack window: sidebar, the open Slack channel or direct messages, and who is looking at it. */

import { act, slackPath, upload } from "./api.js";
import { blocks } from "./blocks.js";
import { createComposer } from "./composer.js";
import { attempt } from "./dialogs.js";
import { createLog, forget, h, icon, initialAvatar, keepingEnd, syncList, visibleName } from "./dom.js";
import { language, onLanguage, t } from "./i18n.js";
import { authorOf, avatar, follows, lastOf, namesOf, slackMessage } from "./slack_message.js";
import { createThread, repliesTo } from "./slack_thread.js";
import { orderedByTs } from "./store.js";

export function seenBy(user, messages) {
  return orderedByTs(messages).filter((one) => !one.ephemeral_to || one.ephemeral_to === user);
}

/** A deleted message leaves a trace only where replies hang on it. */
function standing(message, all) {
  return !message.deleted || repliesTo(message.ts, all).length > 0;
}

/** The top level of a place: threads' replies are shown beside it. */
function roots(messages) {
  return messages.filter((one) => (!one.thread_ts || one.thread_ts === one.ts) && standing(one, messages));
}

async function sendAll(store, text, files, place, thread) {
  const user = store.chosen.slackUser;
  if (place === "dm") {
    for (const [at, file] of files.entries())
      await upload(slackPath(user, "dm_upload"), file, { text: at ? "" : text, caption: at ? "" : text });
    if (!files.length) await act(slackPath(user, "dm"), { text });
    return;
  }
  const where = thread ? { channel: place, thread_ts: thread } : { channel: place };
  for (const [at, file] of files.entries())
    await upload(slackPath(user, "upload"), file, { ...where, text: at ? "" : text });
  if (!files.length) await act(slackPath(user, "post"), { ...where, text });
}

export function placeMessages(store) {
  const { place, slackUser } = store.chosen;
  if (place === "dm")
    return seenBy(slackUser, store.state.dms.find((one) => one.user === slackUser)?.messages ?? []);
  return seenBy(slackUser, store.state.channels.find((one) => one.id === place)?.messages ?? []);
}

export function createSlack(store) {
  const switcher = h("div", { class: "switcher", role: "group", "data-t-label": "you-are" });
  const channels = h("nav", { class: "channels", "data-t-label": "channels" });
  const title = h("h2", { class: "place-title" });
  const log = createLog("slack-log", "messages");
  const empty = h("p", { class: "empty" });
  const main = h("section", { class: "place" });
  const composer = createComposer({
    name: "slack",
    hint: "slack-hint",
    send: (text, files) => sendAll(store, text, files, store.chosen.place, null),
    zone: main,
    face: { send: "send", attach: "plus" },
  });
  const thread = createThread(store, (text, files) =>
    sendAll(store, text, files, store.chosen.place, store.chosen.thread),
  );
  const window_ = h("section", {
    class: "slack",
    "data-testid": "slack-window",
    "data-t-label": "slack-window",
  });
  const you = h("p", { class: "you" });
  const side = h(
    "aside",
    { class: "sidebar" },
    h("p", { class: "workspace" }, h("span", { "data-t": "shop" })),
    channels,
    you,
  );
  const bar = h(
    "header",
    { class: "slack-bar" },
    icon("slack"),
    h("span", { class: "you-are", "data-t": "you-are" }),
    switcher,
  );
  main.append(h("header", { class: "place-head" }, title), log, composer.node);
  window_.append(bar, h("div", { class: "slack-panes" }, side, main, thread.node));
  let shownPlace = null;
  onLanguage(() => forget(log));

  function person(user) {
    const chosen = user.id === store.chosen.slackUser;
    const unread = !chosen && store.unread.has(`dm:${user.id}`);
    const name = visibleName(user.name, user.id);
    const role = t(`role-${user.role}`);
    const props = {
      type: "button",
      class: `who ${user.role}`,
      "aria-pressed": String(chosen),
      "data-testid": `slack-user-${user.id}`,
      title: `${role}: ${name}`,
    };
    const words = h("span", { class: "who-name" }, h("small", {}, role), h("bdi", {}, name));
    return h(
      "button",
      { ...props, onclick: () => store.choose.user(user.id) },
      initialAvatar(name, user.id),
      words,
      unread ? h("i", { class: "dot", role: "img", "aria-label": t("unread") }) : null,
    );
  }

  function entry(id, label) {
    const sign = ["dm", "home"].includes(id) ? h("img", { src: "icons/onethread.svg", alt: "" }) : "#";
    const unread = store.unread.has(id === "dm" ? `dm:${store.chosen.slackUser}` : `place:${id}`);
    const props = {
      type: "button",
      class: `channel${unread ? " unread" : ""}`,
      "data-testid": `slack-channel-${id}`,
    };
    const open = () => {
      store.chosen.thread = null;
      store.unread.delete(`dm:${id === "dm" ? store.chosen.slackUser : ""}`);
      store.choose("place", id);
      if (id === "home") attempt(() => act(slackPath(store.chosen.slackUser, "open_home"), {}));
    };
    const current = store.chosen.place === id ? "page" : null;
    return h(
      "button",
      { ...props, "aria-current": current, onclick: open },
      h("span", { class: "sign", "aria-hidden": "true" }, sign),
      h("bdi", {}, label),
    );
  }

  /** What the sidebar lists for this person: agents see their Slack channels first, customers the app. */
  function sidebar() {
    const rooms = [
      { heading: "channels" },
      ...store.state.channels.map((one) => ({ id: one.id, name: one.name })),
    ];
    const apps = [
      { heading: "apps" },
      { id: "dm", name: t("app-name") },
      { id: "home", name: t("home-tab") },
    ];
    const me = store.me();
    const items = me?.role === "customer" ? [...apps, ...rooms] : [...rooms, ...apps];
    const sign = (one) => JSON.stringify([one, store.chosen, [...store.unread], language()]);
    const build = (one) =>
      one.heading ? h("p", { class: "side-heading" }, t(one.heading)) : entry(one.id, one.name);
    syncList(channels, items, (one) => one.heading ?? one.id, sign, build);
    you.replaceChildren(h("i", { class: "presence" }), h("bdi", {}, me ? visibleName(me.name, me.id) : ""));
  }

  function replyBar(message, all) {
    const replies = repliesTo(message.ts, all);
    const open = () => store.choose("thread", message.ts);
    const faces = [...new Map(replies.map((one) => [one.username || one.user, one])).values()].slice(0, 3);
    const avatars = faces.map((one) => avatar(one, authorOf(one, store), "avatar tiny"));
    const words = replies.length ? t("replies", { n: replies.length }) : t("reply-in-thread");
    const props = {
      type: "button",
      class: `open-thread${replies.length ? " has" : ""}`,
      "data-testid": "open-thread",
      onclick: open,
    };
    return h("button", props, avatars, h("span", {}, words));
  }

  function row({ message, compact, all }) {
    const node = slackMessage(message, store, { compact });
    if (store.chosen.place === "dm" || message.ephemeral_to) return node;
    node.querySelector(".slack-main").append(replyBar(message, all));
    if (!message.blocks?.length) return node;
    return h("article", { class: "slack-card", "data-testid": "slack-card", "data-ts": message.ts }, node);
  }

  /** The app's home tab, as it was published last. */
  function drawHome() {
    const user = store.chosen.slackUser;
    const view = store.homes.get(user);
    const press = (pressed) => attempt(() => act(slackPath(user, "home_press"), pressed));
    const shown = view ? blocks(view.blocks, { names: namesOf(store), press }) : empty;
    if (!view) empty.textContent = t("home-empty");
    shownPlace = `${user}/home`;
    forget(log);
    log.replaceChildren(h("article", { class: "slack-home", "data-testid": "slack-home" }, shown));
  }

  function drawLog() {
    const all = placeMessages(store);
    const top = store.chosen.place === "dm" ? all.filter((one) => !one.deleted) : roots(all);
    const items = top.map((message, at) => ({
      message,
      all,
      compact: store.chosen.place === "dm" && follows(top[at - 1], message),
    }));
    const place = `${store.chosen.slackUser}/${store.chosen.place}`;
    const moved = place !== shownPlace;
    if (moved) forget(log);
    shownPlace = place;
    const replies = (ts) => repliesTo(ts, all).length;
    const sign = (one) => JSON.stringify([one.message, one.compact, replies(one.message.ts), language()]);
    const own = lastOf(store.chosen.slackUser, top);
    keepingEnd(log, { moved, own }, () => syncList(log, items, (one) => one.message.ts, sign, row));
    const name = store.state.channels.find((one) => one.id === store.chosen.place)?.name;
    empty.textContent = t(
      store.chosen.place === "dm" ? "dm-empty" : name === "faq-admins" ? "admins-empty" : "channel-empty",
    );
    if (!items.length) log.replaceChildren(empty);
    composer.at(place);
  }

  function draw() {
    const signOf = (user) => JSON.stringify([user, store.chosen.slackUser, [...store.unread], language()]);
    syncList(switcher, store.state.slack_users, (user) => user.id, signOf, person);
    sidebar();
    const channel = store.state.channels.find((one) => one.id === store.chosen.place);
    const heading = channel
      ? [h("span", { class: "sign", "aria-hidden": "true" }, "#"), channel.name]
      : [t("app-name")];
    const home = store.chosen.place === "home";
    title.replaceChildren(...(home ? [t("home-tab")] : heading));
    composer.node.hidden = home;
    if (home) drawHome();
    else drawLog();
    thread.draw(placeMessages(store));
  }

  return { node: window_, draw };
}
