// Requests to the server. The cookie goes along by itself; every error is a line for people.

import { t } from "./words.js";

const sentence = (line) => line[0].toUpperCase() + line.slice(1) + (/[.!?。！？]$/.test(line) ? "" : ".");

export class Refused extends Error {
  constructor(status, body) {
    const lines = body.code === "bad_input" ? [body.error] : [body.error, body.what_to_do]; // what to do is for programs
    super(lines.filter(Boolean).map(sentence).join(" ") || t("failed"));
    this.status = status;
    this.code = body.code || "";
  }
}

export class Unreachable extends Error {}

export async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable(t("lost"));
  }
  if (!response.ok) {
    const body = await response.json().catch(() => ({}));
    if (response.status === 401) dispatchEvent(new CustomEvent("logged-out"));
    throw new Refused(response.status, body);
  }
  return response;
}

export const get = async (path) => (await call(path)).json();

export const post = (path, body) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) });

export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  try {
    while (true) {
      const { value, done } = await reader.read();
      if (done) return;
      held += value.replaceAll("\r\n", "\n");
      for (let end = held.indexOf("\n\n"); end >= 0; end = held.indexOf("\n\n")) {
        const lines = held.slice(0, end).split("\n");
        held = held.slice(end + 2);
        const of = (name) => lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trim()).join("\n");
        if (of("data")) yield { name: of("event"), data: JSON.parse(of("data")) };
      }
    }
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable(t("lost"));
  }
}

// One turn. A lost connection is tried again with the same key, so that it is done once.
export async function* turn({ text, images, audio, session }, key, onWait) {
  for (let tries = 0; ; tries += 1) {
    try {
      const headers = { "Idempotency-Key": key };
      let body;
      if (images.length || audio) {
        body = new FormData();
        body.append("text", text);
        body.append("session", session);
        for (const image of images) body.append("image", image, image.name || "picture.jpg");
        if (audio) body.append("audio", audio, audio.name || "recording");
      } else {
        headers["Content-Type"] = "application/json";
        body = JSON.stringify({ text, session });
      }
      let ended = false;
      for await (const event of events(await call("/v1/turns?stream=1", { method: "POST", headers, body }))) {
        ended = event.name === "done" || event.name === "error";
        yield event;
        if (ended) return;
      }
      throw new Unreachable(t("lost"));
    } catch (error) {
      const later = error instanceof Unreachable || (error instanceof Refused && [429, 503].includes(error.status));
      if (!later || tries > 60) throw error;
      onWait(error);
      await new Promise((wait) => setTimeout(wait, Math.min(500 * 2 ** tries, 5000)));
    }
  }
}
