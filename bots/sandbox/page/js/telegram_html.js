/** Telegram's HTML messages as DOM nodes: its few tags are known, everything else is shown as the text it is. */

import { h, laidOut, link } from "./dom.js";

const TAGS = {
  b: "b",
  strong: "b",
  i: "i",
  em: "i",
  u: "u",
  ins: "u",
  s: "s",
  strike: "s",
  del: "s",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
};
const NAMED = { lt: "<", gt: ">", amp: "&", quot: '"' };
const PIECE = /<(\/?)([a-z][a-z0-9-]*)((?:\s+[a-z-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'))?)*)\s*>/gi;

function decode(text) {
  return text.replace(/&(?:(lt|gt|amp|quot)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi, (whole, name, decimal, hex) => {
    if (name) return NAMED[name.toLowerCase()];
    const point = decimal ? Number(decimal) : parseInt(hex, 16);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}

function attribute(source, name) {
  const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, "i").exec(source);
  return found ? decode(found[1] ?? found[2]) : "";
}

function spoiler() {
  const node = h("span", { class: "spoiler", tabindex: "0", role: "button" });
  const show = () => node.classList.add("shown");
  node.addEventListener("click", show);
  node.addEventListener("keydown", (event) => event.key === "Enter" && show());
  return node;
}

/** The node that an opening tag stands for, or null if Telegram doesn't know it. */
function opened(tag, attributes) {
  if (tag === "a") return link(attribute(attributes, "href"));
  if (tag === "tg-spoiler" || (tag === "span" && attribute(attributes, "class") === "tg-spoiler"))
    return spoiler();
  if (tag === "tg-emoji") return h("span");
  return Object.hasOwn(TAGS, tag) ? h(TAGS[tag]) : null;
}

export function telegramHtml(text) {
  const root = h("span", { class: "run" });
  const open = [{ tag: "", node: root }];
  const top = () => open.at(-1).node;
  let from = 0;
  for (const match of text.matchAll(PIECE)) {
    top().append(decode(text.slice(from, match.index)));
    from = match.index + match[0].length;
    const [whole, closing, name, attributes] = match;
    const tag = name.toLowerCase();
    if (closing && open.length > 1 && open.at(-1).tag === tag) {
      open.pop();
      continue;
    }
    const node = closing ? null : opened(tag, attributes);
    if (!node) top().append(whole);
    else {
      top().append(node);
      open.push({ tag, node });
    }
  }
  top().append(decode(text.slice(from)));
  const parts = [...root.childNodes].map((node) => (node.nodeType === Node.TEXT_NODE ? node.data : node));
  root.replaceChildren(...laidOut(parts, text.length));
  return root;
}
