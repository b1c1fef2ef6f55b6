// The page: logs in, puts the parts together, and listens to keys, drops and buttons.

import { call, get, post } from "./api.js";
import { followAnnouncements, listSessions, refresh } from "./around.js";
import { addAnswer, addMine, answered, chat, fillAnswer, here, keepEnd, openSession, send, showSession, shownPictures, toEnd } from "./chat.js";
import { $, ask, icon, make, openPanel, toast } from "./dom.js";
import { USUAL, knownPlugins, setTheme, showLibrary, showPlugins, showSettings } from "./panels.js";
import { silence, sounding, wakeSound } from "./sound.js";
import * as talk from "./voice.js";
import { chosenLanguage, shownLanguage, t, useLanguage } from "./words.js";

const MOST_PICTURES = 8;
const LONGEST_SIDE = 2600; // pixels; larger pictures are made smaller before they are sent
const attached = { images: [], audio: null };
const on = (name) => (localStorage.getItem(name) ?? USUAL[name]) === "yes";

// Login: the secret stands behind the #, which no server and no log ever sees.

async function logIn() {
  const code = location.hash.slice(1);
  if (code) history.replaceState(null, "", location.pathname);
  if (/^[\w.-]{20,}$/.test(code)) await post("/v1/web/login", { code }).catch((error) => { if (error.code !== "link_used") throw error; });
  await welcome();
}

function gate(error) {
  if (document.querySelector(".gate")) return;
  talk.hangUp();
  silence();
  for (const id of ["log", "sessions", "timers", "options"]) $(id).replaceChildren();
  for (const part of document.body.children) part.hidden = true;
  const title = error.status === 401 ? t("gate") : t("gate_lost");
  const more = error.status === 401 ? make("code", { text: "assistant web" }) : make("button", { class: "solid", text: t("try_again"), onclick: () => location.reload() });
  const mark = icon("mark");
  mark.classList.add("mark");
  document.body.append(make("main", { class: "gate" }, mark, make("h1", { text: title }), make("p", { text: error.status === 401 ? t("gate_more") : error.message }), more));
}

// The message box

function grow() {
  const box = $("say");
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
  $("send").disabled = !box.value.trim() && !attached.images.length && !attached.audio;
}

function showAttached() {
  const item = (content, name, remove, named = true) => make("li", { class: named ? "named" : "" }, ...content,
    make("button", { type: "button", "aria-label": t("remove", { name }), onclick: () => { remove(); showAttached(); } }, icon("x")));
  $("attached").replaceChildren(
    ...attached.images.map((file, at) => item([make("img", { src: URL.createObjectURL(file), alt: file.name || t("picture_n", { n: at + 1 }) })], file.name, () => remove(at), false)),
    ...(attached.audio ? [item([icon("sound"), make("span", { text: attached.audio.name })], attached.audio.name, () => { attached.audio = null; })] : []));
  grow();
}

function remove(at) {
  const [image] = attached.images.splice(at, 1);
  if (told.has(image)) talk.hangUp(); // what was shown over a connection is only forgotten with it
}

async function smaller(file) {
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture || Math.max(picture.width, picture.height) <= LONGEST_SIDE) return file;
  const scale = LONGEST_SIDE / Math.max(picture.width, picture.height);
  const canvas = make("canvas", { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
  return new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" });
}

// A document goes into the library: its words are never taken for the user's own.
async function addDocument(file) {
  const answer = addAnswer(addMine({ files: [file.name] }).node);
  try {
    const told = await call(`/v1/web/documents?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file });
    const { name, missing } = await told.json();
    fillAnswer(answer, { reply: t("added", { name }), notices: missing ? [t("missing", { what: missing })] : [] });
    const summarise = t("summarise", { name });
    $("options").replaceChildren(make("button", { type: "button", text: summarise, onclick: () => say(summarise) }));
  } catch (error) {
    fillAnswer(answer, { reply: error.message, status: "failed" });
  }
}

async function take(files) {
  for (const file of files) {
    if (file.type.startsWith("image/")) {
      if (attached.images.length >= MOST_PICTURES) toast(t("too_many", { n: MOST_PICTURES }));
      else attached.images.push(await smaller(file));
    } else if (file.type.startsWith("audio/")) {
      attached.audio = file;
    } else await addDocument(file);
  }
  showAttached();
  $("say").focus();
}

function say(text) {
  silence();
  const asked = { text, images: attached.images, audio: attached.audio };
  if (asked.images.some((image) => told.has(image))) talk.hangUp();
  Object.assign(attached, { images: [], audio: null });
  $("options").replaceChildren();
  showAttached();
  return send(asked);
}

// Talking

let spoken = null; // what is being said now, on the page
const told = new Set(); // pictures that the voice connection has, and that go with what is understood next

function untold() {
  const images = attached.images.filter((image) => !told.has(image));
  images.forEach((image) => told.add(image));
  return images;
}

function showTold(place) {
  if (!told.size) return;
  place.node.querySelector(".mine").prepend(shownPictures([...told].map((image) => URL.createObjectURL(image))));
  attached.images = attached.images.filter((image) => !told.has(image));
  told.clear();
  showAttached();
}

function shownVoice() {
  const { connected, mode, loop } = talk.state;
  const busy = connected && (mode !== "push_to_talk" || loop !== "idle");
  $("voice").hidden = !busy && !sounding();
  if (!drawing) drawMeter();
  $("talk").classList.toggle("on", loop === "listening" || loop === "follow_up");
  $("handsfree").setAttribute("aria-pressed", String(connected && mode !== "push_to_talk"));
  if (!spoken) $("heard").textContent = t(busy ? (loop === "idle" ? `idle_${mode}` : `loop_${loop}`) : "loop_speaking");
}

let drawing = false;

function drawMeter() {
  drawing = !$("voice").hidden;
  if (!drawing) return;
  requestAnimationFrame(drawMeter);
  const canvas = $("meter");
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--accent");
  const level = talk.state.loop === "speaking" ? 0.12 : talk.state.level;
  for (let bar = 0; bar < 16; bar += 1) {
    const wave = 0.4 + 0.6 * Math.abs(Math.sin(bar * 1.7 + performance.now() / 160));
    const height = Math.max(2, Math.min(1, level * 5) * wave * canvas.height);
    pen.fillRect(bar * 6, (canvas.height - height) / 2, 3, height);
  }
}

function heard(text, final = false) {
  if (!text) return;
  spoken ??= addMine({ text });
  spoken.words.textContent = text;
  spoken.words.hidden = false;
  spoken.words.classList.toggle("partial", !final);
  $("heard").textContent = text;
  toEnd();
}

const forget = () => { spoken?.node.remove(); spoken = null; };

const VOICE = {
  state: shownVoice,
  closed: (event) => { told.clear(); shownVoice(); $("link").hidden = !event.again; },
  back: () => { $("link").hidden = true; shownVoice(); },
  listening: (event) => {
    if (event.why !== "resumed") forget();
    if (talk.state.mode !== "push_to_talk") talk.show(untold());
    shownVoice();
  },
  partial: (event) => heard(event.text),
  transcript: (event) => {
    if (event.rejected) { forget(); return; }
    heard(event.text, true);
    if (spoken && !spoken.answer) spoken.answer = addAnswer(spoken.node);
  },
  ignored: (event) => {
    forget();
    shownVoice();
    if (["nothing said", "no speech"].includes(event.reason)) toast(t("nothing_heard"), 3);
    else if (event.reason === "not meant for me") toast(t("not_for_me"), 3);
  },
  interrupted: (event) => { if (event.by !== "speech" || !spoken?.answered) forget(); },
  reply: (event) => {
    const place = spoken ?? addMine({ text: event.transcript });
    showTold(place);
    answered(event, place.answer ?? addAnswer(place.node));
    spoken = null;
    shownVoice();
    changed();
  },
  notice: (event) => toast(event.text),
  error: (event) => toast(event.error),
  dropped: () => toast(t("too_slow")),
};

async function handsFree() {
  try {
    if (talk.state.connected && talk.state.mode !== "push_to_talk") talk.hangUp();
    else await talk.goHandsFree(localStorage.getItem("begins") ?? "always", here.session);
  } catch (error) {
    toast(error.message);
  }
  shownVoice();
}

let pressed = 0; // when the key went down, and when it was let go; ms
let released = 0;

async function press() {
  pressed = performance.now();
  released = 0;
  try {
    await talk.push(here.session, untold);
    if (released) endHeld();
  } catch (error) {
    toast(error.message);
  }
  shownVoice();
}

function letGo() {
  if (released || !pressed) return;
  released = performance.now();
  if (talk.state.connected) endHeld();
}

// Held, the key ends the sentence when it is let go; pressed shortly, silence ends it.
const endHeld = () => { if (released - pressed > 500) talk.release(); };

// Camera

async function camera() {
  if (!navigator.mediaDevices?.getUserMedia) { toast(t("needs_https")); return; }
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
  } catch (error) {
    toast(t(error.name === "NotAllowedError" ? "no_permission" : "no_camera"));
    return;
  }
  const view = make("video", { class: "view", autoplay: true, playsInline: true, muted: true, srcObject: stream, "aria-label": t("camera_view") });
  const shoot = make("button", { class: "solid", text: t("shoot"), disabled: true, onclick: async () => {
    const canvas = make("canvas", { width: view.videoWidth, height: view.videoHeight });
    canvas.getContext("2d").drawImage(view, 0, 0);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
    $("panel").close();
    take([new File([blob], `${t("photo")}.jpg`, { type: "image/jpeg" })]);
  } });
  view.onplaying = () => { shoot.disabled = false; shoot.focus(); };
  await openPanel(t("camera"), view, shoot);
  stream.getTracks().forEach((track) => track.stop());
}

// Putting it together

const sayAndRefresh = (text) => say(text);
const changed = () => { refresh(sayAndRefresh); listSessions(); };

async function welcome() {
  const plugins = await knownPlugins();
  for (const each of plugins.flatMap((info) => info.intents)) here.named.set(each.name, each.summary.replace(/[.。]$/, ""));
  const every = plugins.filter((info) => info.status === "active").flatMap((info) => {
    const own = (info.try[shownLanguage()] ?? []).filter((line) => !line.includes("…"));
    return own.map((line, at) => ({ line: line[0].toUpperCase() + line.slice(1), at }));
  });
  const mine = every.sort((one, other) => one.at - other.at).map((each) => each.line); // first one of each plugin
  const lines = (mine.length ? mine : t("ideas").split("|")).slice(0, 6);
  $("ideas").replaceChildren(...lines.map((line) => make("button", { type: "button", text: line, onclick: () => say(line) })));
}

// After a setting was changed: in another language the conversation is written again.
async function resettled() {
  await welcome().catch((error) => toast(error.message));
  if (document.documentElement.lang !== written) {
    written = document.documentElement.lang;
    if ($("log").childElementCount && !sessionStorage.getItem("pending")) await showSession(here.session);
  }
  changed();
}

let written = ""; // the language of the conversation that is shown

function side(open) {
  document.body.classList.toggle("side-open", open);
  $("shade").hidden = !open;
  $("menu").setAttribute("aria-expanded", String(open));
  (open ? $("side").querySelector(".close-side") : $("menu")).focus();
}

function begin() {
  talk.hangUp();
  silence();
  openSession("");
  changed();
  $("say").focus();
  document.body.classList.remove("side-open");
  $("shade").hidden = true;
}

function wire() {
  $("composer").onsubmit = (event) => {
    event.preventDefault();
    if ($("send").disabled) return;
    wakeSound();
    const text = $("say").value.trim();
    $("say").value = "";
    say(text);
  };
  $("say").oninput = grow;
  $("say").onkeydown = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); $("composer").requestSubmit(); }
  };
  $("say").onpaste = (event) => { if (event.clipboardData.files.length) { event.preventDefault(); take([...event.clipboardData.files]); } };
  $("attach").onclick = () => $("file").click();
  $("file").onchange = () => { take([...$("file").files]); $("file").value = ""; };
  $("camera").onclick = camera;
  $("handsfree").onclick = handsFree;
  $("hush").onclick = () => {
    const { mode, loop } = talk.state;
    const quiet = !sounding() && !["thinking", "speaking"].includes(loop);
    if (mode && mode !== "push_to_talk" && quiet) talk.hangUp();
    else talk.stop();
    forget();
    shownVoice();
  };
  $("talk").onpointerdown = (event) => { event.preventDefault(); $("talk").focus(); $("talk").setPointerCapture(event.pointerId); press(); };
  $("talk").onpointerup = letGo;
  $("talk").onkeydown = (event) => { if ([" ", "Enter"].includes(event.key) && !event.repeat) { event.preventDefault(); press(); } };
  $("talk").onkeyup = (event) => { if ([" ", "Enter"].includes(event.key)) letGo(); };
  $("talk").onclick = (event) => { if (event.detail === 0 && performance.now() - pressed > 1000 && talk.state.loop === "idle") press(); }; // a screen reader's press
  $("new").onclick = begin;
  $("find").oninput = listSessions;
  $("menu").onclick = () => side(true);
  $("side").querySelector(".close-side").onclick = () => side(false);
  $("shade").onclick = () => side(false);
  $("delete").onclick = async () => {
    if (!(await ask(t("delete_sure"), t("delete")))) return;
    await call(`/v1/sessions/${encodeURIComponent(here.session)}`, { method: "DELETE" }).catch((error) => toast(error.message));
    begin();
  };
  const panels = { library: showLibrary, plugins: showPlugins, settings: () => showSettings(resettled) };
  for (const button of document.querySelectorAll("[data-open]")) {
    button.onclick = async () => {
      if (document.body.classList.contains("side-open")) side(false);
      try { await panels[button.dataset.open](); } catch (error) { toast(error.message); }
    };
  }
  $("panel").querySelector("[data-close]").onclick = () => $("panel").close();
  $("panel").onclick = (event) => { if (event.target === $("panel")) $("panel").close(); };
  document.onkeydown = (event) => {
    if (event.key === "Escape" && !$("panel").open) { talk.stop(); if (document.body.classList.contains("side-open")) side(false); }
  };
  let depth = 0;
  const holds = (event) => event.dataTransfer?.types.includes("Files");
  document.ondragenter = (event) => { if (holds(event)) { depth += 1; $("drop").hidden = false; } };
  document.ondragleave = (event) => { if (holds(event) && (depth -= 1) <= 0) { depth = 0; $("drop").hidden = true; } };
  document.ondragover = (event) => { if (holds(event)) event.preventDefault(); };
  document.ondrop = (event) => { if (holds(event)) { event.preventDefault(); depth = 0; $("drop").hidden = true; take([...event.dataTransfer.files]); } };
  for (const [name, act] of Object.entries(VOICE)) talk.voice.addEventListener(name, ({ detail }) => act(detail));
  chat.addEventListener("changed", changed);
  addEventListener("logged-out", () => gate({ status: 401 }));
}

async function start() {
  setTheme(localStorage.getItem("theme"));
  await useLanguage(chosenLanguage());
  written = document.documentElement.lang;
  $("link").textContent = t("lost");
  wire();
  keepEnd();
  grow();
  setInterval(shownVoice, 200);
  try {
    await logIn();
  } catch (error) {
    gate(error);
    return;
  }
  here.speaks = () => on("speak") && !talk.state.connected;
  followAnnouncements(() => on("ring"), sayAndRefresh);
  const kept = localStorage.getItem("session");
  const past = kept ? await get("/v1/sessions").catch(() => []) : [];
  const waits = JSON.parse(sessionStorage.getItem("pending") ?? "null")?.session === kept;
  await showSession(kept ?? "", waits || past.some((each) => each.session === kept));
  $("say").focus();
}

start();
