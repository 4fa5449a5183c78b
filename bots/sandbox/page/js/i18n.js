/** The page's own labels in three languages; what people write in the chats is never touched. */

let table = {};
let current = "en";
const hearers = [];

export const LANGUAGES = { "zh-CN": "简体中文", "zh-TW": "繁體中文", en: "English" };

function preferred() {
  const kept = localStorage.getItem("language");
  if (kept in LANGUAGES) return kept;
  for (const tag of navigator.languages ?? [navigator.language]) {
    if (/^zh.*(tw|hk|mo|hant)/i.test(tag)) return "zh-TW";
    if (/^zh/i.test(tag)) return "zh-CN";
    if (/^en/i.test(tag)) return "en";
  }
  return "en";
}

export async function loadTexts() {
  table = await (await fetch("i18n.json")).json();
  setLanguage(preferred(), false);
}

export function t(name, params = {}) {
  const text = table[name]?.[current] ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => params[key] ?? whole);
}

export function language() {
  return current;
}

export function onLanguage(hearer) {
  hearers.push(hearer);
}

export function setLanguage(tag, keep = true) {
  current = tag;
  if (keep) localStorage.setItem("language", tag);
  document.documentElement.lang = tag;
  document.title = `Onethread · ${t("sandbox")}`;
  for (const hearer of hearers) hearer();
  label(document.body);
}

const ATTRIBUTES = {
  "data-t": null,
  "data-t-label": "aria-label",
  "data-t-title": "title",
  "data-t-hint": "placeholder",
};

/** Writes the labels into everything below `root` that names a text. */
export function label(root) {
  for (const [mark, attribute] of Object.entries(ATTRIBUTES)) {
    for (const node of root.querySelectorAll(`[${mark}]`)) {
      const text = t(node.getAttribute(mark));
      if (attribute) node.setAttribute(attribute, text);
      else node.textContent = text;
    }
  }
}
