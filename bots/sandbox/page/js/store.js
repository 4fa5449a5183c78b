/** What the page knows: the sandbox's state, kept current by the stream's events, and who is being played. */

import { loadState } from "./api.js";

const TYPING_MS = 6000;

export function phoneKey(phone) {
  return `${phone.account}/${phone.user}`;
}

function upsert(list, message, key) {
  const at = list.findIndex((known) => known[key] === message[key]);
  if (at >= 0) list[at] = message;
  else list.push(message);
}

export function createStore() {
  const store = {
    state: { wechat: [], telegram: [], slack_users: [], dms: [], channels: [] },
    ready: false,
    chosen: { wechat: null, telegram: null, slackUser: null, place: null, thread: null },
    unread: new Set(),
    typing: new Map(),
    homes: new Map(),
    modal: null,
    subscribers: [],
    waiting: null,
    changed,
    subscribe: (render) => store.subscribers.push(render),
    reload,
    apply,
    phone,
    me,
    name,
    choose,
  };
  let loading = false;
  let again = false;
  let scheduled = false;
  const early = [];

  /** Several events in one moment are drawn once. */
  function changed() {
    if (scheduled) return;
    scheduled = true;
    setTimeout(() => {
      scheduled = false;
      draw();
    }, 12);
  }

  function draw() {
    for (const render of store.subscribers) render(store);
  }

  /** Events that arrive while the state is on its way are applied after it: inserting twice changes nothing. */
  async function reload() {
    if (loading) {
      again = true;
      return;
    }
    loading = true;
    try {
      store.state = { ...store.state, ...(await loadState()) };
      store.ready = true;
    } finally {
      loading = false;
    }
    for (const event of early.splice(0)) apply(event);
    settle();
    changed();
    if (again) {
      again = false;
      await reload();
    }
  }

  /** Whoever is being played must exist; at first: the first phones, the first agent, the first Slack channel. */
  function settle() {
    const { wechat, telegram, slack_users: users } = store.state;
    for (const [platform, phones] of Object.entries({ wechat, telegram })) {
      if (!phones.some((one) => phoneKey(one) === store.chosen[platform])) {
        store.chosen[platform] = phones.length ? phoneKey(phones[0]) : null;
      }
    }
    const { place, slackUser } = store.chosen;
    const placed = ["dm", "home"].includes(place) || store.state.channels.some((one) => one.id === place);
    if (!placed && users.some((one) => one.id === slackUser)) choose.user(slackUser);
    if (!users.some((one) => one.id === slackUser)) {
      choose.user((users.find((one) => one.role === "agent") ?? users[0])?.id ?? null);
    }
  }

  /** Drawn at once: what is typed next must not land in the conversation before. */
  function choose(what, value) {
    store.chosen[what] = value;
    store.unread.delete(`${what}:${value}`);
    draw();
  }

  /** Agents look at the support channel, admins at theirs (the last one), customers at their direct messages. */
  choose.user = (id) => {
    const user = store.state.slack_users.find((one) => one.id === id);
    const rooms = store.state.channels;
    const home = { agent: rooms[0], admin: rooms.at(-1) }[user?.role];
    store.chosen.slackUser = id;
    store.chosen.thread = null;
    choose("place", home?.id ?? "dm");
    store.unread.delete(`dm:${id}`);
  };

  function phone(platform) {
    return store.state[platform].find((one) => phoneKey(one) === store.chosen[platform]) ?? null;
  }

  function me() {
    return store.state.slack_users.find((one) => one.id === store.chosen.slackUser) ?? null;
  }

  function name(id) {
    return store.state.slack_users.find((one) => one.id === id)?.name ?? id;
  }

  function apply(event) {
    if (loading) {
      early.push(event);
      return;
    }
    const known = APPLY[event.what];
    if (known) known(event);
    changed();
  }

  function toPhone(event) {
    const one = store.state[event.what].find((p) => p.account === event.account && p.user === event.user);
    if (!one || !event.message) {
      reload();
      return;
    }
    upsert(one.messages, event.message, "id");
    store.typing.delete(phoneKey(one));
    if (store.chosen[event.what] !== phoneKey(one)) store.unread.add(`${event.what}:${phoneKey(one)}`);
  }

  function toDm(event) {
    let dm = store.state.dms.find((one) => one.user === event.user);
    if (!dm) {
      dm = { user: event.user, messages: [] };
      store.state.dms.push(dm);
    }
    upsert(dm.messages, event.message, "ts");
    const seen = store.chosen.slackUser === event.user && store.chosen.place === "dm";
    if (!seen) store.unread.add(`dm:${event.user}`);
  }

  function toChannel(event) {
    const id = event.channel ?? event.message.channel;
    const channel = store.state.channels.find((one) => one.id === id);
    if (!channel) {
      reload();
      return;
    }
    upsert(channel.messages, event.message, "ts");
    if (store.chosen.place !== id) store.unread.add(`place:${id}`);
  }

  function typing(event) {
    const key = `${event.account}/${event.user}`;
    store.typing.set(key, Date.now() + TYPING_MS);
    setTimeout(changed, TYPING_MS + 50);
  }

  const APPLY = {
    wechat: toPhone,
    telegram: toPhone,
    dm: toDm,
    channel: toChannel,
    typing,
    phone: reload,
    reset: reload,
    home: (event) => store.homes.set(event.user, event.view),
    modal: (event) => {
      store.modal = { view: event.view, user: event.user, errors: event.errors ?? {} };
    },
  };
  return store;
}

export function isTyping(store, phone) {
  return (store.typing.get(phoneKey(phone)) ?? 0) > Date.now();
}

export function orderedByTs(messages) {
  return [...messages].sort((a, b) => Number(a.ts) - Number(b.ts));
}
