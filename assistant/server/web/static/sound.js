// Everything that is heard: replies that stream in, sentences read aloud, and the chime of a timer.

import { call } from "./api.js";

let context = null;
let gain = null;
let next = 0;
const playing = new Set();
let reading = null;

export function wakeSound() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
  return context;
}

export const sounding = () => playing.size > 0 || reading !== null;

function schedule(buffer) {
  const source = context.createBufferSource();
  source.buffer = buffer;
  gain ??= context.createGain();
  gain.connect(context.destination);
  source.connect(gain);
  next = Math.max(next, context.currentTime + 0.04);
  source.start(next);
  next += buffer.duration;
  playing.add(source);
  return new Promise((ended) => { source.onended = () => { playing.delete(source); ended(); }; });
}

export function playSamples(bytes, rate) {
  wakeSound();
  const whole = new Int16Array(bytes);
  const buffer = context.createBuffer(1, Math.max(1, whole.length), rate);
  const samples = buffer.getChannelData(0);
  for (let at = 0; at < whole.length; at += 1) samples[at] = whole[at] / 32768;
  return schedule(buffer);
}

export function silence() {
  reading?.abort();
  reading = null;
  next = 0;
  for (const source of playing) source.stop();
  playing.clear();
}

function sentences(text) {
  return (text.match(/[^.!?。！？\n]+[.!?。！？]*["”’)\]]*\s*/g) ?? [text]).map((part) => part.trim()).filter(Boolean)
    .reduce((kept, part) => {
      const last = kept.at(-1);
      if (last && (last.length < 24 || /^[a-z0-9]/.test(part))) kept[kept.length - 1] = `${last} ${part}`;
      else kept.push(part);
      return kept;
    }, []);
}

// Reads a text aloud, each sentence fetched while the one before it plays; resolves when it ends or is silenced.
export async function readAloud(text) {
  silence();
  wakeSound();
  const mine = (reading = new AbortController());
  const fetched = (part) =>
    call("/v1/speech", { method: "POST", signal: mine.signal, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ text: part }) })
      .then((response) => response.arrayBuffer())
      .then((sound) => context.decodeAudioData(sound));
  try {
    const parts = sentences(text);
    let coming = fetched(parts[0]);
    for (let at = 0; at < parts.length && !mine.signal.aborted; at += 1) {
      const buffer = await coming;
      if (mine.signal.aborted) return;
      const ended = schedule(buffer);
      if (at + 1 < parts.length) { coming = fetched(parts[at + 1]); coming.catch(() => {}); }
      await ended;
    }
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  } finally {
    if (reading === mine) reading = null;
  }
}

export function chime() {
  const at = wakeSound().currentTime;
  for (const [start, pitch] of [[0, 880], [0.18, 1174.7], [0.36, 1396.9]]) {
    const tone = context.createOscillator();
    const loud = context.createGain();
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0, at + start);
    loud.gain.linearRampToValueAtTime(0.22, at + start + 0.015);
    loud.gain.exponentialRampToValueAtTime(0.001, at + start + 0.5);
    tone.connect(loud).connect(context.destination);
    tone.start(at + start);
    tone.stop(at + start + 0.55);
  }
}
