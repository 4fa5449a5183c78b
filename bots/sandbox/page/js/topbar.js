/** The bar on top: what to try first, new customers, faults on demand, whether the stream is live, the language. */

import { act } from "./api.js";
import { attempt } from "./dialogs.js";
import { h, icon } from "./dom.js";
import { LANGUAGES, language, onLanguage, setLanguage, t } from "./i18n.js";
import { menuButton } from "./menus.js";

const TRIES = { return: "怎么退货", unknown: "你们的猫会弹钢琴吗", person: "转人工" };

/** What can go wrong at each platform: the method that fails, and how. */
const FAULTS = [
  { platform: "slack", method: "chat.postMessage", fault: "429", count: 1, retry_after: 5, text: "fault-busy" },
  { platform: "slack", method: "chat.postMessage", fault: "500", count: 2, text: "fault-error" },
  { platform: "slack", method: "chat.postMessage", fault: "drop_answer", count: 1, text: "fault-lost" },
  { platform: "telegram", method: "sendMessage", fault: "429", count: 1, retry_after: 5, text: "fault-busy" },
  { platform: "telegram", method: "sendMessage", fault: "500", count: 2, text: "fault-error" },
  { platform: "telegram", method: "sendMessage", fault: "timeout", count: 1, text: "fault-timeout" },
  { platform: "wechat", method: "message/custom/send", fault: "-1", count: 2, text: "fault-wechat-busy" },
  { platform: "wechat", method: "message/custom/send", fault: "45015", count: 1, text: "fault-window" },
  { platform: "wechat", method: "message/custom/send", fault: "45047", count: 1, text: "fault-quota" },
];

export const PLATFORMS = { wechat: "platform-wechat", telegram: "platform-telegram", slack: "platform-slack" };

function tries(say) {
  const chip = (name) =>
    h(
      "button",
      {
        type: "button",
        class: "try",
        "data-testid": `try-${name}`,
        title: TRIES[name],
        onclick: () => say(TRIES[name]),
      },
      name === "unknown" ? t("try-unknown") : TRIES[name],
    );
  return [h("span", {}, t("try")), ...Object.keys(TRIES).map(chip)];
}

/** A new customer comes with a phone of their own (or a Slack user) and is the one being played at once. */
function newcomer(platform, store) {
  return attempt(async () => {
    const before = new Set(people(platform, store));
    await act(`people/${platform}`, {});
    await store.reload();
    const added = people(platform, store).find((one) => !before.has(one));
    if (!added) return;
    if (platform === "slack") store.choose.user(added);
    else store.choose(platform, added);
  });
}

function people(platform, store) {
  if (platform === "slack") return store.state.slack_users.map((one) => one.id);
  return store.state[platform].map((one) => `${one.account}/${one.user}`);
}

function newcomerMenu(store) {
  const button = h(
    "button",
    { type: "button", class: "bar-button", "data-testid": "new-customer" },
    icon("person-add"),
    h("span", { "data-t": "new-customer" }),
  );
  const entries = () =>
    Object.entries(PLATFORMS).map(([platform, text]) => ({
      label: t(text),
      icon: icon(platform),
      testid: `new-${platform}`,
      run: () => newcomer(platform, store),
    }));
  return menuButton(button, entries, "down");
}

function faultMenu() {
  const button = h(
    "button",
    { type: "button", class: "bar-button", "data-testid": "faults" },
    icon("fault"),
    h("span", { "data-t": "faults" }),
  );
  const armed = h("p", { class: "visually-hidden", role: "status" });
  const arm = async ({ text, ...body }) => {
    if (await attempt(() => act("faults", body))) armed.textContent = t("fault-armed");
  };
  const entries = () =>
    Object.entries(PLATFORMS).flatMap(([platform, name]) => [
      { heading: t(name) },
      ...FAULTS.filter((one) => one.platform === platform).map((one) => ({
        label: t(one.text, { n: one.count, s: one.retry_after ?? 0 }),
        testid: `fault-${platform}-${one.fault}`,
        run: () => arm(one),
      })),
    ]);
  return h("div", {}, menuButton(button, entries, "down wide"), armed);
}

function languages() {
  const choice = ([tag, name]) => {
    const short = { "zh-CN": "简", "zh-TW": "繁", en: "EN" }[tag];
    const props = {
      type: "button",
      lang: tag,
      title: name,
      "aria-label": name,
      "data-testid": `language-${tag}`,
    };
    return h("button", { ...props, onclick: () => setLanguage(tag) }, short);
  };
  const buttons = Object.entries(LANGUAGES).map(choice);
  const mark = () =>
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.lang === language())));
  onLanguage(mark);
  mark();
  return h("div", { class: "languages", role: "group", "data-t-label": "page-language" }, buttons);
}

/** `say` speaks in the WeChat phone. */
export function createTopbar(store, say) {
  const hint = h("p", { class: "hint", "data-testid": "hint" });
  const live = h("span", { class: "live", role: "status", "data-testid": "connection" });
  let state = "away";
  const status = (next) => {
    state = next;
    live.className = `live ${state === "live" ? "on" : "away"}`;
    live.replaceChildren(h("i", { "aria-hidden": "true" }), t(`connection-${state}`));
  };
  const name = h(
    "h1",
    {},
    h("img", { src: "icons/onethread.svg", alt: "" }),
    "Onethread",
    h("small", { "data-t": "sandbox" }),
  );
  const node = h(
    "header",
    { class: "topbar" },
    name,
    hint,
    newcomerMenu(store),
    faultMenu(),
    live,
    languages(),
  );
  onLanguage(() => {
    hint.replaceChildren(...tries(say));
    status(state);
  });
  return { node, status };
}
