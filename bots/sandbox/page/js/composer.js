/** Where people type: Enter sends, Shift+Enter breaks the line; files come by button, drop and paste. */

import { attempt } from "./dialogs.js";
import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { menuButton } from "./menus.js";
import { samplePhoto, sampleVoice } from "./samples.js";

function grow(input) {
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, 110)}px`;
}

function dropZone(zone, take) {
  const over = (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    zone.classList.add("dropping");
  };
  zone.addEventListener("dragover", over);
  zone.addEventListener(
    "dragleave",
    (event) => zone.contains(event.relatedTarget) || zone.classList.remove("dropping"),
  );
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("dropping");
    for (const file of event.dataTransfer.files) take(file);
  });
}

/**
 * `send(text, files)` and, unless files are staged, `sendFile(file, text)`: phones send a file at once, Slack
 * collects files until Enter. `more()` adds entries to the attach menu. `face` are the icons of the buttons,
 * `photo()` makes the sample picture.
 */
export function createComposer({
  name,
  hint,
  send,
  sendFile,
  zone,
  more = () => [],
  face = {},
  photo = samplePhoto,
}) {
  const staged = sendFile ? null : [];
  const drafts = new Map();
  let draftKey = "";
  const input = h("textarea", {
    rows: "1",
    "data-testid": `${name}-input`,
    "data-t-hint": hint,
    "data-t-label": hint,
    dir: "auto",
  });
  const picker = h("input", {
    type: "file",
    hidden: true,
    multiple: true,
    "data-testid": `${name}-file`,
    "aria-hidden": "true",
    tabindex: "-1",
  });
  const sendButton = h("button", {
    type: "submit",
    class: "send",
    "data-testid": `${name}-send`,
    "data-t-label": "send",
  });
  const attach = h("button", {
    type: "button",
    class: "attach",
    "data-testid": `${name}-attach`,
    "data-t-label": "attach",
  });
  const chips = h("div", { class: "staged", hidden: true });
  const form = h("form", { class: "composer", novalidate: true });

  sendButton.append(face.send ? icon(face.send) : h("span", { "data-t": "send" }));
  attach.append(icon(face.attach ?? "attach"));

  function refresh() {
    form.classList.toggle("filled", Boolean(input.value.trim() || staged?.length));
    grow(input);
    if (!staged) return;
    chips.hidden = !staged.length;
    chips.replaceChildren(...staged.map((file, at) => chip(file, at)));
  }

  function chip(file, at) {
    const drop = () => {
      staged.splice(at, 1);
      refresh();
    };
    const remove = h(
      "button",
      { type: "button", "aria-label": t("remove-file", { name: file.name }), onclick: drop },
      "×",
    );
    return h("span", { class: "chip" }, file.name, remove);
  }

  async function take(file) {
    if (staged) {
      staged.push(file);
      refresh();
      input.focus();
      return;
    }
    const text = input.value.trim();
    if (await attempt(() => sendFile(file, text))) {
      input.value = "";
      refresh();
    }
  }

  /** The field is emptied at once and filled again if the sandbox refused. */
  async function submit(event) {
    event?.preventDefault();
    const text = input.value.trim();
    const files = staged ? staged.splice(0) : [];
    if (!text && !files.length) return;
    input.value = "";
    refresh();
    if (await attempt(() => send(text, files))) return;
    input.value = text;
    staged?.push(...files);
    refresh();
  }

  function entries() {
    return [
      { label: t("choose-file"), icon: "📁", run: () => picker.click(), testid: `${name}-choose` },
      {
        label: t("sample-photo"),
        icon: "🖼️",
        run: async () => take(await photo()),
        testid: `${name}-sample-photo`,
      },
      {
        label: t("sample-voice"),
        icon: "🎤",
        run: async () => take(await sampleVoice()),
        testid: `${name}-sample-voice`,
      },
      ...more(),
    ];
  }

  input.addEventListener("input", refresh);
  input.addEventListener("keydown", (event) => {
    // Enter also ends a word in a Chinese input method: that one must not send.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) submit(event);
  });
  input.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (files.length) event.preventDefault();
    files.forEach(take);
  });
  picker.addEventListener("change", () => {
    for (const file of picker.files) take(file);
    picker.value = "";
  });
  form.addEventListener("submit", submit);
  if (zone) dropZone(zone, take);
  form.append(
    chips,
    h("div", { class: "composer-row" }, menuButton(attach, entries, "up"), input, picker, sendButton),
  );

  /** Each conversation keeps what was begun in it, so that no words end up with somebody else. */
  function at(key) {
    if (key === draftKey) return;
    drafts.set(draftKey, { text: input.value, files: staged ? staged.splice(0) : [] });
    draftKey = key;
    const draft = drafts.get(key) ?? { text: "", files: [] };
    input.value = draft.text;
    staged?.push(...draft.files);
    refresh();
  }

  return { node: form, input, at, take };
}
