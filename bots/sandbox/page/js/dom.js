/** Building DOM nodes without ever parsing markup: strings become text nodes, whatever they contain. */

function put(node, name, value) {
  if (value === false || value === null || value === undefined) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "value" || name === "checked" || name === "disabled" || name === "hidden")
    node[name] = value;
  else node.setAttribute(name, value === true ? "" : String(value));
}

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) put(node, name, value);
  node.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return node;
}

export function icon(name, label = "") {
  return h("img", { class: "icon", src: `icons/${name}.svg`, alt: label, draggable: "false" });
}

const FOCUSABLE = "button, a, input, select, textarea";

function focusable(node) {
  return [node, ...node.querySelectorAll(FOCUSABLE)];
}

/** What gives the focus to `after` at the place that had it in `node`; null if it is elsewhere. */
function refocusing(node, after) {
  if (!after || !node.contains(document.activeElement)) return null;
  const at = focusable(node).indexOf(document.activeElement);
  return () => focusable(after)[at]?.focus({ preventScroll: true });
}

/**
 * Makes `container` show `items` in order, building anew only what changed (so a playing voice goes on), and never
 * what is just being edited. The focus stays where it was.
 */
export function syncList(container, items, keyOf, signOf, build) {
  const known = container.known ?? new Map();
  const next = new Map();
  for (const item of items) {
    const key = keyOf(item);
    const sign = signOf(item);
    const before = known.get(key);
    const stays = before && (before.sign === sign || before.node.querySelector(".editing"));
    next.set(key, stays ? before : { sign, node: build(item) });
  }
  let refocus = null;
  for (const [key, { node }] of known) {
    const after = next.get(key)?.node;
    if (after === node) continue;
    refocus ??= refocusing(node, after);
    node.remove();
  }
  let place = container.firstChild;
  for (const { node } of next.values()) {
    if (node === place) place = place.nextSibling;
    else container.insertBefore(node, place);
  }
  while (place) {
    const rest = place.nextSibling;
    place.remove();
    place = rest;
  }
  container.known = next;
  refocus?.();
}

export function forget(container) {
  container.known = new Map();
  container.replaceChildren();
}

/** A log that stays at its end, also while pictures load or its height changes, unless the reader scrolled up. */
export function createLog(className, name) {
  const log = h("div", {
    class: `log ${className}`,
    role: "log",
    "aria-live": "polite",
    tabindex: "0",
    "data-t-label": name,
  });
  let size = "";
  const sizeNow = () => `${log.scrollHeight}/${log.clientHeight}`;
  log.follow = () => {
    if (log.atEnd) log.scrollTop = log.scrollHeight;
    size = sizeNow();
  };
  log.atEnd = true;
  log.addEventListener("scroll", () => {
    // A log that has just grown (a picture came) scrolls by itself too: only the reader leaves its end.
    if (size !== sizeNow()) log.follow();
    else log.atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  });
  log.addEventListener("load", log.follow, true);
  new ResizeObserver(log.follow).observe(log);
  return log;
}

/**
 * Runs `change` and follows the end of the log if the reader was there, or is brought there: by having `moved` to
 * another conversation, or by new words of their own (`own` is their newest message).
 */
export function keepingEnd(log, { moved, own }, change) {
  log.atEnd ||= moved || (own !== undefined && own !== log.own);
  log.own = own;
  change();
  log.follow();
}

const AWAY = /^(https?|mailto|tel):/i;

/** An address that a link may carry, or null: scripts and unknown schemes are never linked. */
export function safeHref(address) {
  const trimmed = String(address).trim();
  return AWAY.test(trimmed) ? trimmed : null;
}

export function link(address, ...children) {
  const href = safeHref(address);
  if (!href) return h("span", {}, ...children);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

/** The path of a file that the sandbox serves, however its host is spelt; null for any other: nothing is fetched from outside. */
export function localUrl(address) {
  if (!URL.canParse(String(address), location.href)) return null;
  const url = new URL(String(address), location.href);
  if (url.protocol === "blob:") return url.href;
  const loopback = ["127.0.0.1", "localhost", "[::1]"];
  const ours = url.host === location.host || (loopback.includes(url.hostname) && url.port === location.port);
  return ours && url.protocol.startsWith("http") ? url.pathname + url.search : null;
}

const TRADITIONAL = /[們個這來時會說對問題訂單請謝門貨為與過還沒開關電話務員後發東業學麼點買賣運費無]/;

/** The language tag that makes the browser choose the right Han glyphs. */
export function langOf(text) {
  if (!/[\u3400-\u9fff]/.test(text)) return null;
  return TRADITIONAL.test(text) ? "zh-Hant" : "zh-Hans";
}

const LONG = 8000;
const BLOCK = 2000;

/** `text` in pieces of at most BLOCK, cut after a line's end where there is one. */
function* pieces(text) {
  for (let rest = text; rest; ) {
    let end = rest.length;
    if (end > BLOCK) end = rest.lastIndexOf("\n", BLOCK - 1) + 1 || BLOCK;
    if (/[\ud800-\udbff]/.test(rest[end - 1]) && end > 1) end -= 1;
    yield rest.slice(0, end);
    rest = rest.slice(end);
  }
}

/** A browser lays one paragraph out in a time that grows by the square of its length: a book stands in blocks. */
export function laidOut(nodes, length) {
  if (length <= LONG) return nodes;
  const blocks = [];
  let room = 0;
  for (const node of nodes.flatMap((one) => (typeof one === "string" ? [...pieces(one)] : one))) {
    const { length } = node.textContent ?? node;
    if (length > room) {
      blocks.push([]);
      room = BLOCK;
    }
    blocks.at(-1).push(node);
    room -= length;
  }
  return blocks.map((block) => h("span", { class: "block" }, block));
}

/** A stretch of text that somebody wrote, its lines kept, in the glyphs of its own language. */
export function run(text, nodes = text) {
  const words = String(text);
  return h("span", { class: "run", lang: langOf(words) }, laidOut([nodes].flat(), words.length));
}

const UNSEEN = /[\s\p{Cf}\p{Cc}\u2800\u3164\u115f\u1160\uffa0]/gu;

/** A name as it can be shown: a name of nothing but invisible signs gives way to the id. */
export function visibleName(name, id) {
  return String(name ?? "").replace(UNSEEN, "") ? String(name) : String(id ?? "?");
}

const TINTS = ["#b5651d", "#2b6a99", "#5b7f3a", "#8a4f9e", "#a3473f", "#2f7d78", "#6b5b95", "#8a6d1f"];

export function tintOf(text) {
  let sum = 0;
  for (const sign of String(text)) sum = (sum * 31 + sign.codePointAt(0)) % 9973;
  return TINTS[sum % TINTS.length];
}

export function initialAvatar(name, seed, className = "avatar") {
  const letter = [...visibleName(name, seed).trim()][0] ?? "?";
  const node = h("span", { class: className, "aria-hidden": "true" }, letter.toUpperCase());
  node.style.backgroundColor = tintOf(seed);
  return node;
}

export function clock(at) {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return "";
  return time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
}
