/** The thread pane: the message it hangs on, the replies, and where an agent answers the customer. */

import { createComposer } from "./composer.js";
import { createLog, forget, h, keepingEnd, syncList } from "./dom.js";
import { language, onLanguage, t } from "./i18n.js";
import { samplePhoto } from "./samples.js";
import { follows, lastOf, slackMessage } from "./slack_message.js";

export function repliesTo(ts, messages) {
  return messages.filter((one) => one.thread_ts === ts && one.ts !== ts && !one.deleted && !one.ephemeral_to);
}

function inThread(ts, messages) {
  return messages.filter((one) => one.thread_ts === ts && one.ts !== ts && !one.deleted);
}

export function createThread(store, send) {
  const log = createLog("thread-log", "thread");
  const close = h(
    "button",
    { type: "button", class: "close-thread", "data-t-label": "close", "data-testid": "close-thread" },
    "×",
  );
  const node = h("section", {
    class: "thread",
    hidden: true,
    "data-testid": "slack-thread",
    "data-t-label": "thread",
  });
  const composer = createComposer({
    name: "thread",
    hint: "thread-hint",
    send,
    zone: node,
    face: { send: "send", attach: "plus" },
    photo: () => samplePhoto(true),
  });
  const hint = h("p", { class: "note-hint", "data-t": "note-hint" });
  node.append(
    h("header", { class: "place-head" }, h("h2", { class: "place-title", "data-t": "thread" }), close),
    log,
    composer.node,
    hint,
  );
  let shown = null;

  /** Focus goes back to where the thread was opened. */
  const leave = () => {
    const opener = `[data-ts="${CSS.escape(store.chosen.thread)}"] [data-testid="open-thread"]`;
    store.choose("thread", null);
    node.parentElement.querySelector(opener)?.focus({ preventScroll: true });
  };
  close.addEventListener("click", leave);
  node.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.target.closest(".editing")) leave();
  });
  onLanguage(() => forget(log));

  function count(n) {
    return { divider: true, n };
  }

  function build(item) {
    if (!item.divider) return slackMessage(item.message, store, { compact: item.compact });
    return h(
      "p",
      { class: "reply-count" },
      h("span", {}, t(item.n === 1 ? "one-reply" : "replies", { n: item.n })),
    );
  }

  /** Opening a thread puts the cursor where the answer goes. */
  function opened(ts) {
    forget(log);
    composer.at(`${store.chosen.place}/${ts}/${store.chosen.slackUser}`);
    if (shown?.split("/")[1] !== ts) composer.input.focus({ preventScroll: true });
  }

  function draw(messages) {
    const ts = store.chosen.thread;
    const root = ts && messages.find((one) => one.ts === ts);
    node.hidden = !root;
    node.parentElement?.classList.toggle("with-thread", Boolean(root));
    if (!root) {
      shown = null;
      return;
    }
    const replies = inThread(ts, messages);
    const items = [{ message: root }, count(repliesTo(ts, messages).length)];
    replies.forEach((message, at) => items.push({ message, compact: follows(replies[at - 1], message) }));
    const key = `${store.chosen.place}/${ts}/${store.chosen.slackUser}`;
    const moved = key !== shown;
    if (moved) opened(ts);
    shown = key;
    const keyOf = (item) => (item.divider ? "count" : item.message.ts);
    const own = lastOf(store.chosen.slackUser, replies);
    const sign = (item) => JSON.stringify([item, language()]);
    keepingEnd(log, { moved, own }, () => syncList(log, items, keyOf, sign, build));
  }

  return { node, draw };
}
