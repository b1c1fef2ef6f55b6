// The conversation: what was said and answered, sending, and going on after a reload or a lost connection.

import { Refused, get, turn } from "./api.js";
import { $, icon, make, toast } from "./dom.js";
import { readAloud } from "./sound.js";
import { explain, shares } from "./why.js";
import { t } from "./words.js";

export const chat = new EventTarget();
export const here = { session: "", named: new Map(), speaks: () => false };
const changed = () => chat.dispatchEvent(new Event("changed"));

const newId = () => [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export function openSession(name) {
  here.session = name || newId();
  localStorage.setItem("session", here.session);
  $("log").replaceChildren();
  $("welcome").hidden = false;
}

let atEnd = true;

export function toEnd() {
  $("scroll").scrollTop = $("scroll").scrollHeight;
  atEnd = true;
}

// Stays at the end while what stands below (options, timers) comes and goes.
export function keepEnd() {
  const view = $("scroll");
  view.addEventListener("scroll", () => { atEnd = view.scrollHeight - view.scrollTop - view.clientHeight < 60; });
  new ResizeObserver(() => { if (atEnd) toEnd(); }).observe(view);
}

// Elements

// A picture; where the browser cannot show its kind, its name.
function shownPicture(src, alt) {
  const image = make("img", { src, alt, onload: toEnd, onerror: () => image.replaceWith(make("span", { class: "clip" }, icon("file"), alt)) });
  return image;
}

export const shownPictures = (sources) => make("div", { class: "pictures" }, ...sources.map((src, at) => shownPicture(src, t("picture_n", { n: at + 1 }))));

export function addMine({ text = "", pictures = [], clip = "", files = [] }) {
  $("welcome").hidden = true;
  const node = make("div", { class: "turn" }, make("h2", { class: "sr", text: t("you") }));
  const mine = make("div", { class: "mine" });
  if (pictures.length) mine.append(shownPictures(pictures));
  if (clip) mine.append(make("span", { class: "clip" }, icon("sound"), clip));
  for (const file of files) mine.append(make("span", { class: "clip" }, icon("file"), file));
  const words = make("div", { class: "words", text });
  words.hidden = !text;
  mine.append(words);
  node.append(mine);
  $("log").append(node);
  toEnd();
  return { node, words };
}

const thinking = () => make("span", { class: "thinking", role: "img", "aria-label": t("thinking") }, make("i"), make("i"), make("i"));

export function addAnswer(after) {
  const words = make("div", { class: "words" }, thinking());
  const node = make("div", { class: "answer" }, make("h2", { class: "sr", text: t("name") }), words);
  (after ?? $("log").lastElementChild ?? $("log")).append(node);
  toEnd();
  return { node, words, text: "" };
}

// Lines as blocks: an item of a list stays indented where it wraps.
const lines = (text) => text.split("\n").map((line) => {
  const item = line.match(/^\s*((\d{1,2}[.)]|[-•·]) .*)$/);
  return make("span", { class: item ? "line item" : "line", text: item ? item[1] : line });
});

export function fillAnswer(answer, { id, reply, speech, contributions, attachments = [], notices = [], status = "answered" }) {
  const failed = status === "failed";
  answer.words.replaceChildren(...lines(reply || t(status === "cancelled" ? "was_cancelled" : "failed")));
  answer.node.classList.toggle("failed", failed);
  answer.node.querySelectorAll(".files, .notice, .under, .why").forEach((old) => old.remove());
  if (attachments.length) {
    answer.node.append(make("div", { class: "files" }, ...attachments.map((address, at) => {
      const link = make("a", { href: address, target: "_blank", rel: "noopener", text: t("file_n", { n: at + 1 }) });
      const image = make("img", { src: address, alt: t("file_n", { n: at + 1 }), onload: () => { link.replaceChildren(image); toEnd(); } });
      return link;
    })));
  }
  for (const notice of notices) answer.node.append(make("p", { class: "notice", text: notice }));
  if (failed || !id) return;
  const why = make("button", { type: "button", "aria-expanded": "false" }, icon("why"), make("span", { text: t("why") }));
  why.onclick = async () => {
    const open = answer.node.querySelector(".why");
    why.setAttribute("aria-expanded", String(!open));
    if (open) {
      open.remove();
      return;
    }
    why.disabled = true;
    const wait = make("div", { class: "why", role: "status" }, thinking());
    answer.node.append(wait);
    wait.scrollIntoView({ block: "nearest" });
    try {
      wait.replaceWith(await explain(id, here.named));
      answer.node.lastElementChild.scrollIntoView({ block: "nearest" });
    } catch (error) {
      wait.remove();
      why.setAttribute("aria-expanded", "false");
      toast(error.message);
    }
    why.disabled = false;
  };
  const aloud = make("button", { type: "button", onclick: () => readAloud(speech || reply).catch((error) => toast(error.message)) }, icon("speaker"), make("span", { text: t("aloud") }));
  answer.node.append(make("div", { class: "under" }, shares(contributions), why, aloud));
  toEnd();
}

const told = (answer) => ({
  id: answer.turn, reply: answer.reply.text, speech: answer.reply.speech, contributions: answer.contributions,
  attachments: answer.reply.attachments, notices: answer.notices,
});

export function answered(answer, place) {
  fillAnswer(place, told(answer));
}

// Sending

export async function send({ text, images = [], audio = null }) {
  const key = newId() + newId();
  const pending = { key, text, session: here.session, files: images.length > 0 || audio !== null };
  sessionStorage.setItem("pending", JSON.stringify(pending));
  const mine = addMine({ text, pictures: images.map((image) => URL.createObjectURL(image)), clip: audio?.name ?? "" });
  await take({ text, images, audio, session: here.session }, key, mine);
}

async function take(asked, key, mine) {
  const answer = addAnswer(mine.node);
  const session = here.session;
  let final = null;
  try {
    for await (const { name, data } of turn(asked, key, () => { $("link").hidden = false; })) {
      $("link").hidden = true;
      if (name === "transcript" && data.text) {
        mine.words.textContent = [data.text, asked.text].filter(Boolean).join("\n");
        mine.words.hidden = false;
      }
      if (name === "reply") {
        answer.text += (answer.text ? " " : "") + data.text;
        answer.words.textContent = answer.text;
      }
      if (name === "done") final = data;
      if (name === "error") throw new Refused(500, data);
    }
    sessionStorage.removeItem("pending");
    if (session !== here.session) return;
    fillAnswer(answer, told(final));
    changed();
    if (here.speaks()) readAloud(final.reply.speech).catch((error) => toast(error.message));
  } catch (error) {
    sessionStorage.removeItem("pending");
    fillAnswer(answer, { reply: error.message, status: "failed" });
  }
}

// Going on with a conversation that is stored

export async function showSession(name, known = true) {
  openSession(name);
  const session = here.session;
  let stored = { turns: [] };
  try {
    if (known) stored = await get(`/v1/sessions/${encodeURIComponent(session)}`);
  } catch (error) {
    if (!(error instanceof Refused && error.status === 404)) toast(error.message);
  }
  if (session !== here.session) return;
  const last = stored.turns.at(-1);
  for (const each of stored.turns) {
    const mine = addMine({
      text: [each.transcript, each.text].filter(Boolean).join("\n"),
      pictures: each.images.map((_, at) => `/v1/web/turns/${each.id}/pictures/${at}`),
    });
    const answer = addAnswer(mine.node);
    if (each.status === "open" && each === last) {
      waitFor(session, each.id, answer);
    } else fillAnswer(answer, { id: each.id, reply: each.reply, contributions: each.contributions, attachments: each.attachments, status: each.status });
  }
  const pending = JSON.parse(sessionStorage.getItem("pending") ?? "null");
  if (pending?.session === session && last?.status !== "open") {
    sessionStorage.removeItem("pending");
    // It was sent and not stored yet, or stored and answered; with its key it is done once either way.
    const known = last && last.text === pending.text && Date.now() / 1000 - last.at < 120;
    if (!known && !pending.files) await take({ text: pending.text, images: [], audio: null, session }, pending.key, addMine({ text: pending.text }));
    else if (!known) toast(t("send_again"));
  }
  toEnd();
  changed();
}

async function waitFor(session, id, answer) {
  while (here.session === session) {
    await new Promise((wait) => setTimeout(wait, 700));
    const stored = await get(`/v1/sessions/${encodeURIComponent(session)}?last=20`).catch(() => null);
    const found = stored?.turns.find((each) => each.id === id);
    if (found && found.status !== "open") {
      sessionStorage.removeItem("pending");
      fillAnswer(answer, { id, reply: found.reply, contributions: found.contributions, attachments: found.attachments, status: found.status });
      changed();
      return;
    }
  }
}
