/** Block Kit as DOM: the blocks that messages and modals are made of. */

import { confirmed } from "./dialogs.js";
import { h, localUrl, run, safeHref } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { t } from "./i18n.js";
import { mrkdwn, unescapeSlack } from "./mrkdwn.js";
import { richText } from "./richtext.js";

/** A text object: mrkdwn is marked up, plain_text is taken as it stands. */
export function textOf(object, context) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text, context.names);
  const plain = unescapeSlack(String(object.text ?? ""));
  return [run(object.emoji === false ? plain : withEmoji(plain))];
}

function plainOf(object) {
  return withEmoji(unescapeSlack(String(object?.text ?? "")));
}

/** A picture of a block; pictures from elsewhere are not fetched, their description stands in. */
function image(element, className) {
  const away = () => h("span", { class: "image-away" }, `🖼️ ${element.alt_text ?? ""}`);
  const url = localUrl(element.image_url ?? element.slack_file?.url ?? "about:blank");
  if (!url) return away();
  const node = h("img", { class: className, src: url, alt: element.alt_text ?? "" });
  node.addEventListener("error", () => node.replaceWith(away()));
  return node;
}

async function press(element, block, context, value) {
  const ask = element.confirm;
  if (ask && !(await confirmed(plainOf(ask.title), plainOf(ask.text), plainOf(ask.confirm)))) return;
  await context.press({
    action_id: element.action_id ?? "",
    block_id: block.block_id ?? "",
    value: value ?? "",
  });
}

function button(element, block, context) {
  const style = ["primary", "danger"].includes(element.style) ? `kit-${element.style}` : "";
  const run = async () => {
    if (element.url && safeHref(element.url)) window.open(element.url, "_blank", "noopener");
    node.disabled = true;
    await press(element, block, context, element.value);
    node.disabled = false;
  };
  const props = {
    type: "button",
    class: `kit-button ${style}`,
    onclick: run,
    "data-action": element.action_id,
    "data-testid": "slack-button",
  };
  const node = h("button", { ...props, "aria-label": element.accessibility_label }, plainOf(element.text));
  return node;
}

function options(element) {
  const groups = element.option_groups ?? [{ options: element.options ?? [] }];
  return groups.flatMap((group) => group.options ?? []);
}

/** A menu of options; in a message a choice acts at once, in a modal it waits. */
function select(element, block, context) {
  const people = element.type.startsWith("users") ? context.names.people() : [];
  const all = people.length
    ? people.map((one) => ({ value: one.id, text: { text: one.name } }))
    : options(element);
  const first = h("option", { value: "" }, plainOf(element.placeholder) || "…");
  const initial = element.initial_option?.value ?? element.initial_user ?? "";
  const items = all.map((option) =>
    h("option", { value: option.value, selected: option.value === initial }, plainOf(option.text)),
  );
  const change = (event) => event.target.value && press(element, block, context, event.target.value);
  const props = {
    class: "kit-select",
    "aria-label": plainOf(element.placeholder) || element.action_id,
    "data-action": element.action_id,
  };
  return h("select", { ...props, onchange: change }, first, items);
}

function field(element) {
  const props = {
    class: "kit-field",
    placeholder: plainOf(element.placeholder),
    value: element.initial_value ?? "",
  };
  const lines = String(element.initial_value ?? "").split("\n").length;
  return h(element.multiline ? "textarea" : "input", {
    ...props,
    "data-action": element.action_id,
    maxlength: element.max_length ?? null,
    rows: element.multiline ? Math.min(Math.max(lines, 3), 8) : null,
  });
}

function boxes(element, block, context) {
  const type = element.type === "radio_buttons" ? "radio" : "checkbox";
  const name = element.action_id ?? block.block_id;
  const row = (option) => {
    const input = h("input", {
      type,
      name,
      value: option.value,
      checked: option.value === element.initial_option?.value,
      onchange: () => press(element, block, context, option.value),
    });
    return h("label", { class: "kit-box" }, input, textOf(option.text, context));
  };
  return h("div", { class: "kit-boxes", "data-action": element.action_id }, options(element).map(row));
}

const ELEMENTS = {
  button,
  image: (element) => image(element, "kit-thumb"),
  static_select: select,
  external_select: select,
  users_select: select,
  overflow: select,
  plain_text_input: field,
  url_text_input: field,
  email_text_input: field,
  number_input: field,
  radio_buttons: boxes,
  checkboxes: boxes,
};

function element(one, block, context) {
  const build = ELEMENTS[one?.type];
  return build ? build(one, block, context) : h("span", { class: "unknown" }, `[${one?.type}]`);
}

function section(block, context) {
  const fields = (block.fields ?? []).map((one) => h("div", { class: "kit-field-text" }, textOf(one, context)));
  const words = h("div", { class: "kit-text" }, textOf(block.text, context));
  if (fields.length) words.append(h("div", { class: "kit-fields" }, fields));
  const accessory = block.accessory
    ? h("div", { class: "kit-accessory" }, element(block.accessory, block, context))
    : null;
  return h("div", { class: "kit-section" }, words, accessory);
}

function small(one, context) {
  if (one.type === "image") return image(one, "kit-icon");
  return h("span", { class: "kit-context-text" }, textOf(one, context));
}

function input(block, context) {
  const hint = block.hint ? h("small", {}, plainOf(block.hint)) : null;
  const wrong = context.errors?.[block.block_id];
  const waits = block.dispatch_action ? context : { ...context, press: async () => {} };
  const several = ["radio_buttons", "checkboxes"].includes(block.element?.type);
  return h(
    several ? "div" : "label",
    { class: `kit-input${wrong ? " wrong" : ""}`, "data-block": block.block_id },
    h("span", {}, plainOf(block.label), block.optional ? h("i", {}, ` ${t("optional")}`) : null),
    element(block.element, block, waits),
    wrong ? h("small", { class: "kit-error", role: "alert" }, wrong) : null,
    hint,
  );
}

const BLOCKS = {
  header: (block, context) => h("h3", { class: "kit-header" }, textOf(block.text, context)),
  section,
  context: (block, context) =>
    h(
      "div",
      { class: "kit-context" },
      (block.elements ?? []).map((one) => small(one, context)),
    ),
  divider: () => h("hr", { class: "kit-divider" }),
  actions: (block, context) =>
    h(
      "div",
      { class: "kit-actions" },
      (block.elements ?? []).map((one) => element(one, block, context)),
    ),
  image: (block, context) =>
    h(
      "figure",
      { class: "kit-image" },
      block.title ? h("figcaption", {}, textOf(block.title, context)) : null,
      image(block, ""),
    ),
  rich_text: (block, context) => richText(block, context.names),
  input,
  markdown: (block) => h("p", {}, run(String(block.text ?? ""))),
};

/** `context` = { names: {user, channel, people}, press, errors }: errors by block_id, in modals. Unknown blocks say what they are. */
export function blocks(list, context) {
  const nodes = (list ?? []).map((block) => {
    const build = BLOCKS[block?.type];
    return build
      ? build(block, context)
      : h("p", { class: "unknown" }, t("unknown-block", { type: String(block?.type) }));
  });
  return h("div", { class: "kit" }, nodes);
}
