// Talking: the microphone over /v1/listen, and its events as `voice` events of this module's target.

import { t } from "./words.js";
import { playSamples, silence, wakeSound } from "./sound.js";

export const voice = new EventTarget();
export const state = { connected: false, mode: "", loop: "idle", level: 0, muted: false };

const RATES = [8000, 16000, 22050, 24000, 32000, 44100, 48000];
const REST = 20_000; // ms after which an idle microphone is let go
let socket = null;
let capture = null;
let wanted = null; // {mode, session} while hands-free should go on
let rest = 0;
let replyRate = 24000;
let opening = null;
let held = null; // sound that waits until the connection is open and the key was told; null while it goes straight on
const HELD = 125; // messages of 40 ms

const tell = (type, detail = {}) => voice.dispatchEvent(new CustomEvent(type, { detail }));

async function openMicrophone() {
  if (capture) return;
  if (!navigator.mediaDevices?.getUserMedia) throw new Error(t("needs_https"));
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 } });
  } catch (error) {
    throw new Error(t(error.name === "NotAllowedError" ? "no_permission" : "no_microphone"));
  }
  const context = wakeSound();
  await context.audioWorklet.addModule("microphone-worklet.js");
  const source = context.createMediaStreamSource(stream);
  const node = new AudioWorkletNode(context, "microphone", { numberOfOutputs: 0 });
  node.port.onmessage = ({ data }) => {
    state.level = data.level;
    if (held) {
      if (held.length < HELD) held.push(data.sound);
    } else if (state.connected && socket?.readyState === WebSocket.OPEN && socket.bufferedAmount < 500_000) socket.send(data.sound);
  };
  source.connect(node);
  capture = { stream, source, node, rate: context.sampleRate };
}

function closeMicrophone() {
  capture?.source.disconnect();
  capture?.stream.getTracks().forEach((track) => track.stop());
  capture = null;
  state.level = 0;
}

function connect(mode, session) {
  return new Promise((ready, failed) => {
    const mine = (socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/v1/listen`));
    mine.binaryType = "arraybuffer";
    const send = (message) => mine.send(JSON.stringify(message));
    mine.onopen = () => send({
      type: "start", mode, session, rate: RATES.includes(capture.rate) ? capture.rate : 48000, echo: "client", repeat_question: false,
    });
    mine.onmessage = ({ data }) => {
      if (mine !== socket) return;
      if (data instanceof ArrayBuffer) {
        playSamples(data, replyRate);
        return;
      }
      const event = JSON.parse(data);
      if (event.type === "ready") {
        Object.assign(state, { connected: true, mode });
        ready();
      }
      if (event.type === "audio") replyRate = event.rate;
      if (event.type === "audio_stop") silence();
      if (event.type === "state") {
        state.loop = event.state;
        restLater();
      }
      if (event.type === "error" && !state.connected) failed(new Error(event.error));
      tell(event.type, event);
    };
    mine.onclose = () => {
      if (mine !== socket) return;
      const was = state.connected;
      Object.assign(state, { connected: false, loop: "idle" });
      socket = null;
      tell("closed", { was, again: wanted !== null });
      failed(new Error(t("lost")));
      if (wanted && was) setTimeout(again, 1000);
    };
  });
}

async function again() {
  if (!wanted || state.connected) return;
  try {
    await connect(wanted.mode, wanted.session);
    tell("back");
  } catch {
    setTimeout(again, 3000);
  }
}

function restLater() {
  clearTimeout(rest);
  if (!wanted && state.loop === "idle") rest = setTimeout(hangUp, REST);
}

async function be(mode, session) {
  await opening?.catch(() => {});
  if (state.connected && state.mode === mode && state.session === session) return;
  opening = (async () => {
    hangUp();
    await openMicrophone();
    await connect(mode, session);
    state.session = session;
  })();
  try {
    await opening;
  } catch (error) {
    hangUp();
    throw error;
  }
}

const send = (message) => { if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message)); };

export async function show(images) {
  for (const image of images) send({ type: "image", data: await base64(image) });
}

// `images` gives the pictures that this connection does not have yet, once it is open.
export async function push(session, images) {
  silence();
  held = [];
  try {
    if (!wanted) await be("push_to_talk", session);
    await show(images());
    send({ type: "push" });
    for (const sound of held) socket?.send(sound);
  } finally {
    held = null;
  }
}

export const release = () => send({ type: "release" });

export async function goHandsFree(mode, session) {
  await be(mode, session);
  wanted = { mode, session };
}

export function stop() {
  silence();
  send({ type: "stop" });
}

export function hangUp() {
  wanted = null;
  clearTimeout(rest);
  const old = socket;
  socket = null;
  Object.assign(state, { connected: false, loop: "idle", mode: "" });
  old?.close();
  closeMicrophone();
  tell("closed", { was: false, again: false });
}

const base64 = (file) => new Promise((done, failed) => {
  const reader = new FileReader();
  reader.onload = () => done(reader.result.split(",")[1]);
  reader.onerror = failed;
  reader.readAsDataURL(file);
});
