/** Block Kit's rich_text: sections, lists, quotations and code, each made of styled elements. */

import { h, link } from "./dom.js";
import { emoji } from "./emoji.js";

const STYLES = { bold: "b", italic: "i", strike: "s", code: "code" };

function styled(node, style = {}) {
  return Object.keys(STYLES).reduce((inner, name) => (style[name] ? h(STYLES[name], {}, inner) : inner), node);
}

const ELEMENTS = {
  text: (element) => element.text,
  link: (element) => link(element.url, element.text || element.url),
  emoji: (element) => emoji(element.name) ?? `:${element.name}:`,
  user: (element, names) => h("span", { class: "mention" }, `@${names.user(element.user_id)}`),
  channel: (element, names) => h("span", { class: "mention" }, `#${names.channel(element.channel_id)}`),
  usergroup: (element) => h("span", { class: "mention" }, `@${element.usergroup_id}`),
  broadcast: (element) => h("span", { class: "mention shout" }, `@${element.range}`),
  date: (element) => element.fallback ?? "",
};

function inline(elements, names) {
  return (elements ?? []).map((element) => {
    const build = ELEMENTS[element.type];
    return build
      ? styled(build(element, names), element.style)
      : h("span", { class: "unknown" }, `[${element.type}]`);
  });
}

const PARTS = {
  rich_text_section: (part, names) => h("p", {}, inline(part.elements, names)),
  rich_text_quote: (part, names) => h("blockquote", {}, inline(part.elements, names)),
  rich_text_preformatted: (part, names) => h("pre", {}, inline(part.elements, names)),
  rich_text_list: (part, names) => {
    const items = (part.elements ?? []).map((item) => h("li", {}, inline(item.elements, names)));
    const list = h(part.style === "ordered" ? "ol" : "ul", {}, items);
    list.style.marginInlineStart = `${(part.indent ?? 0) * 18}px`;
    return list;
  },
};

export function richText(block, names) {
  const parts = (block.elements ?? []).map((part) => PARTS[part.type]?.(part, names) ?? null);
  return h("div", { class: "rich-text" }, parts);
}
