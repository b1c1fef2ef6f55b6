// What stands around a conversation: open question, timers, what rings, and past conversations.

import { call, get } from "./api.js";
import { here, showSession } from "./chat.js";
import { $, icon, make, toast } from "./dom.js";
import { chime, readAloud, silence } from "./sound.js";
import { ago, clock, t } from "./words.js";
import * as talk from "./voice.js";

let timers = [];
const ticking = new WeakMap(); // of each <time>, what it counts down to
let skew = 0; // seconds that this computer's clock is behind the server's

export async function refresh(say) {
  const session = here.session;
  const state = await get(`/v1/web/state?session=${encodeURIComponent(session)}`).catch(() => null);
  if (!state || session !== here.session) return;
  skew = state.now - Date.now() / 1000;
  timers = state.timers;
  showTimers();
  const options = state.question?.options ?? [];
  $("options").replaceChildren(...options.map((option) => make("button", { type: "button", text: option.label, onclick: () => say(option.say) })));
  if (state.question?.kind === "picture") $("options").append(make("button", { type: "button", text: t("camera"), onclick: () => $("camera").click() }));
}

// What is left of a timer; of what rings at a time of day, in more than an hour, the time.
function left({ due, timer }) {
  const seconds = Math.max(0, Math.ceil(due - skew - Date.now() / 1000));
  if (seconds > 3600 && !timer) return clock(due);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return (parts[0] ? parts : parts.slice(1)).map((part, at) => (at ? String(part).padStart(2, "0") : part)).join(":");
}

function showTimers() {
  $("timers").replaceChildren(...timers.map((timer) => {
    const kind = ["timer", "alarm"].includes(timer.data.kind) ? t(timer.data.kind) : timer.text;
    const name = timer.data.name || timer.data.task || kind;
    const cancel = make("button", { type: "button", class: "icon", "aria-label": `${t("cancel")}: ${name}`, onclick: async () => {
      try {
        await call(`/v1/web/timers/${encodeURIComponent(timer.plugin)}/${encodeURIComponent(timer.key)}`, { method: "DELETE" });
        timers = timers.filter((other) => other !== timer);
        showTimers();
      } catch (error) {
        toast(error.message);
      }
    } }, icon("x"));
    const waits = { due: timer.due, timer: timer.data.kind === "timer" && timer.due - Date.now() / 1000 < 24 * 3600 };
    const time = make("time", { text: left(waits) });
    ticking.set(time, waits);
    return make("li", {}, time, make("span", { text: name }), cancel);
  }));
}

setInterval(() => {
  for (const time of document.querySelectorAll("#timers time")) time.textContent = left(ticking.get(time));
}, 500);

// What rings

export function followAnnouncements(aloud, say) {
  const source = new EventSource("/v1/events?only=announcement");
  source.addEventListener("announcement", ({ data }) => ring(JSON.parse(data), aloud, () => refresh(say)));
  return source;
}

function ring(event, aloud, after) {
  let rings = 0;
  let again = 0;
  const spoken = talk.state.connected; // then the voice loop says it
  const title = document.title;
  const end = () => {
    clearTimeout(again);
    card.remove();
    document.title = title;
    silence();
    if (talk.state.connected) talk.stop();
  };
  const card = make("div", { class: "ring", role: "alert" }, icon("bell"), make("p", { text: event.text }),
    make("button", { type: "button", text: t(event.insistent ? "stop" : "ok"), onclick: end }));
  $("rings").append(card);
  document.title = `⏰ ${event.text}`;
  const sound = () => {
    rings += 1;
    if (!spoken && aloud()) {
      chime();
      if (rings === 1) setTimeout(() => { if (card.isConnected) readAloud(event.speech || event.text).catch(() => {}); }, 900);
    }
    if (event.insistent && rings < 40) again = setTimeout(sound, rings === 1 ? 6000 : 3000);
  };
  sound();
  after();
}

// Past conversations

export async function listSessions() {
  const words = $("find").value.trim();
  try {
    const sessions = await get("/v1/sessions");
    const current = sessions.find((each) => each.session === here.session);
    $("title").textContent = current ? titled(current) : t("new");
    if (words) {
      const found = await get(`/v1/web/history?q=${encodeURIComponent(words)}`);
      show(found.map((turn) => ({ session: turn.session, title: turn.said, more: turn.reply })), t("nothing_found"));
    } else show(sessions.slice(0, 60).map((each) => ({ session: each.session, title: titled(each), more: ago(each.last_at) })), t("no_sessions"));
  } catch (error) {
    show([], error.message);
  }
}

const titled = (session) => session.first_text || session.last_text || t("spoken_turn");

function show(found, nothing) {
  const rows = found.map(({ session, title, more }) => {
    const row = make("button", { type: "button", onclick: () => { document.body.classList.remove("side-open"); $("shade").hidden = true; showSession(session); } },
      make("span", { text: title }), make("small", { text: more }));
    if (session === here.session) row.setAttribute("aria-current", "true");
    return row;
  });
  $("sessions").replaceChildren(...(rows.length ? rows : [make("p", { text: nothing })]));
  $("delete").hidden = !$("log").childElementCount;
}
