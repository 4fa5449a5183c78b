/** Pictures, voice messages, videos and files as they stand in a chat. */

import { showPicture } from "./dialogs.js";
import { h, icon, localUrl } from "./dom.js";
import { t } from "./i18n.js";

let playing = null;

function fileIcon(name) {
  const end = /\.([A-Za-z0-9]{1,4})$/.exec(name ?? "");
  return h("span", { class: "file-icon", "aria-hidden": "true" }, end ? end[1].toUpperCase() : "FILE");
}

export function fileChip(address, name) {
  const shown = h("span", { class: "file-name", dir: "auto" }, name || t("file"));
  const url = address && localUrl(address);
  if (!url) return h("span", { class: "file-chip" }, fileIcon(name), shown);
  const props = { class: "file-chip", href: url, download: name || "file" };
  return h("a", props, fileIcon(name), shown);
}

/** A picture that opens in full; one that can't be shown turns into a file to fetch. */
export function picture(address, name) {
  const url = localUrl(address);
  if (!url) return fileChip(address, name);
  const image = h("img", { src: url, alt: name || t("picture"), loading: "eager" });
  const label = t("open-picture", { name: name || "" });
  const button = h(
    "button",
    { type: "button", class: "picture", "aria-label": label, onclick: () => showPicture(url, name) },
    image,
  );
  image.addEventListener("error", () => button.replaceWith(fileChip(address, name)));
  return button;
}

export function video(address, name) {
  return h("video", {
    class: "video",
    src: localUrl(address),
    controls: true,
    preload: "metadata",
    "aria-label": name || t("video"),
  });
}

function seconds(audio) {
  return Number.isFinite(audio.duration) ? Math.max(1, Math.round(audio.duration)) : null;
}

/** A voice bubble: press to hear, its length in seconds, as wide as it is long. */
export function voice(address, { waves = false } = {}) {
  const audio = h("audio", { src: localUrl(address), preload: "metadata" });
  const length = h("span", { class: "voice-length" }, "");
  const face = waves ? h("span", { class: "waveform", "aria-hidden": "true" }) : icon("voice");
  const button = h("button", {
    type: "button",
    class: "voice",
    "data-testid": "voice",
    "aria-label": t("play-voice"),
  });
  button.append(h("span", { class: "voice-play", "aria-hidden": "true" }), face, length, audio);
  audio.addEventListener("loadedmetadata", () => {
    length.textContent = seconds(audio) ? `${seconds(audio)}″` : "";
    button.style.setProperty("--seconds", Math.min(seconds(audio) ?? 1, 30));
  });
  audio.addEventListener("error", () => button.classList.add("unplayable"));
  audio.addEventListener("play", () => button.classList.add("playing"));
  for (const end of ["pause", "ended"]) audio.addEventListener(end, () => button.classList.remove("playing"));
  button.addEventListener("click", () => toggle(audio));
  return button;
}

function toggle(audio) {
  if (playing && playing !== audio) playing.pause();
  playing = audio;
  if (!audio.paused) audio.pause();
  else audio.play().catch(() => window.open(audio.src, "_blank", "noopener"));
}

function location(text) {
  return h(
    "span",
    { class: "location" },
    h("span", { class: "location-map", "aria-hidden": "true" }, "📍"),
    h("span", { dir: "auto" }, text),
  );
}

/** What one chat message carries besides its text, or null. */
export function attachment(message, options) {
  if (message.kind === "location") return location(message.text);
  if (message.kind === "sticker" && !message.file) return h("span", { class: "sticker" }, message.text || "🙂");
  if (!message.file) return null;
  if (message.kind === "image" || message.kind === "sticker") return picture(message.file, message.file_name);
  if (message.kind === "voice") return voice(message.file, options);
  if (message.kind === "video") return video(message.file, message.file_name);
  return fileChip(message.file, message.file_name);
}
