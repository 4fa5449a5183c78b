/** Slack's mrkdwn as DOM nodes: what people wrote can be bold, but it can never be markup of the page. */

import { h, link, run } from "./dom.js";
import { emoji } from "./emoji.js";
import { slackDate } from "./slack_date.js";

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

export function unescapeSlack(text) {
  return text.replace(/&(lt|gt|amp);/g, (whole) => ENTITIES[whole]);
}

const EDGE = "(?<![\\p{L}\\p{N}_])";
const END = "(?![\\p{L}\\p{N}_])";
const around = (sign) => `${EDGE}[${sign}]([^\\s${sign}](?:[^\\n]{0,900}?[^\\s${sign}])?)[${sign}]${END}`;
const TOKEN = new RegExp(
  [
    "```\\n?([\\s\\S]+?)```",
    "`([^`\\n]+)`",
    "<([^<>\\n]+)>",
    ":([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):",
    around("*"),
    around("_"),
    around("~"),
  ].join("|"),
  "gu",
);

const BROADCASTS = ["here", "channel", "everyone"];

function mention(text) {
  return h("span", { class: "mention" }, text);
}

function shout(text) {
  return h("span", { class: "mention shout" }, text);
}

function date(target, fallback) {
  const [, seconds, format, address] = target.split("^");
  const words = (format && slackDate(seconds, unescapeSlack(format))) || fallback;
  return address ? link(unescapeSlack(address), words) : h("span", { title: fallback }, words);
}

/** `<…>`: a user, a Slack channel, a group, a call to all, a date or a link. */
function reference(inner, names) {
  const [target, ...rest] = inner.split("|");
  const label = unescapeSlack(rest.join("|"));
  if (target.startsWith("@")) return mention(`@${label || names.user(target.slice(1))}`);
  if (target.startsWith("#")) return mention(`#${label || names.channel(target.slice(1))}`);
  const call = target.startsWith("!") ? target.slice(1).split("^")[0] : "";
  if (BROADCASTS.includes(call)) return shout(`@${call}`);
  if (call === "date") return date(target, label);
  if (call) return mention(label || `@${call}`);
  return link(unescapeSlack(target), label || unescapeSlack(target).replace(/^mailto:/, ""));
}

function token(match, names) {
  const [whole, pre, code, ref, short, bold, italic, strike] = match;
  if (pre !== undefined) return h("pre", {}, unescapeSlack(pre.replace(/\n$/, "")));
  if (code !== undefined) return h("code", {}, unescapeSlack(code));
  if (ref !== undefined) return reference(ref, names);
  if (short !== undefined) return emoji(short) ?? whole;
  if (bold !== undefined) return h("b", {}, inline(bold, names));
  if (italic !== undefined) return h("i", {}, inline(italic, names));
  return h("s", {}, inline(strike, names));
}

function inline(text, names) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (match.index > from) nodes.push(unescapeSlack(text.slice(from, match.index)));
    nodes.push(token(match, names));
    from = match.index + match[0].length;
  }
  if (from < text.length) nodes.push(unescapeSlack(text.slice(from)));
  return nodes;
}

const QUOTED = /^(?:&gt;|>) ?/;

/** Lines that begin with `>` stand together as a quotation, except inside fenced code. */
function passages(text) {
  const found = [];
  let fenced = false;
  for (const line of text.split("\n")) {
    const quote = !fenced && QUOTED.test(line);
    const words = quote ? line.replace(QUOTED, "") : line;
    if ((line.match(/```/g) ?? []).length % 2) fenced = !fenced;
    if (found.length && found.at(-1).quote === quote) found.at(-1).lines.push(words);
    else found.push({ quote, lines: [words] });
  }
  return found;
}

export function mrkdwn(text, names) {
  return passages(String(text ?? "")).map(({ quote, lines }) => {
    const passage = lines.join("\n");
    const words = run(passage, inline(passage, names));
    return quote ? h("blockquote", {}, words) : words;
  });
}
