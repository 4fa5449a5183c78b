/** Talking with the sandbox: state, the live stream that reconnects by itself, and actions. */

export class Refused extends Error {}

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok || body.ok === false) throw new Refused(body.error || `HTTP ${response.status}`);
  return body;
}

export async function loadState() {
  return answer(await fetch("/sandbox/state", { cache: "no-store" }));
}

export async function act(path, body = {}) {
  const headers = { "Content-Type": "application/json" };
  return answer(await fetch(`/sandbox/${path}`, { method: "POST", headers, body: JSON.stringify(body) }));
}

/** Fields go before the file, so that a server that reads the form as a stream knows them first. */
export async function upload(path, file, fields = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
  form.append("file", file, file.name);
  return answer(await fetch(`/sandbox/${path}`, { method: "POST", body: form }));
}

/** Path of one phone's actions. */
export function phonePath(platform, phone, verb) {
  return `${platform}/${encodeURIComponent(phone.account)}/${encodeURIComponent(phone.user)}/${verb}`;
}

export function slackPath(user, verb) {
  return `slack/${encodeURIComponent(user)}/${verb}`;
}

/**
 * Listens to the stream for ever. `opened` runs on every (re)connection, so that what was missed is loaded;
 * `status` hears "live" and "away".
 */
export function listen({ opened, event, status }) {
  let wait = 500;
  const connect = () => {
    const source = new EventSource("/sandbox/stream");
    source.onopen = () => {
      wait = 500;
      status("live");
      opened();
    };
    source.onmessage = (message) => event(JSON.parse(message.data));
    source.onerror = () => {
      status("away");
      source.close();
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, 8000);
    };
  };
  connect();
}
