// Why a turn was decided so: shaded words, a picture's heat, shares and what else was thought of.

import { get } from "./api.js";
import { make, percent } from "./dom.js";
import { t } from "./words.js";

const LEAST = 0.1; // nats that a picture's strongest part must count for
const PARTS = { text: "text-part", image: "image-part", audio: "audio-part" };
const STOPS = [[68, 20, 110], [160, 42, 100], [222, 73, 64], [251, 155, 40], [252, 240, 120]];

export function shares(contributions) {
  const present = Object.entries(contributions ?? {}).filter(([, share]) => share >= 0.005);
  if (!present.length) return null;
  const bar = make("span", { class: "bar" }, ...present.map(([kind, share]) => {
    const part = make("i", { class: PARTS[kind] });
    part.style.width = `${100 * share}%`;
    return part;
  }));
  bar.setAttribute("aria-hidden", "true");
  const told = present.map(([kind, share]) => `${t(`share_${kind}`)} ${percent(share)}`).join(" · ");
  return make("span", { class: "shares", title: t("shares") }, bar, make("span", { text: told }));
}

function bars(rows) {
  return make("div", { class: "bars" }, ...rows.flatMap(([name, share, kind]) => {
    const part = make("i", { class: kind ?? "text-part" });
    part.style.width = `${100 * Math.max(0, Math.min(1, share))}%`;
    return [make("span", { text: name }), make("span", { class: "bar", "aria-hidden": "true" }, part), make("span", { text: percent(share) })];
  }));
}

function shaded(passage) {
  const most = Math.max(...passage.words.map((word) => Math.abs(word.weight)), 0.05);
  const line = make("p", { class: "said" });
  let at = 0;
  const letters = [...passage.text]; // places count characters, not UTF-16 units
  for (const word of passage.words) {
    line.append(letters.slice(at, word.start).join(""));
    const strength = Math.min(1, Math.abs(word.weight) / most);
    const mark = make("mark", { text: letters.slice(word.start, word.end).join("") });
    if (strength >= 0.1) {
      mark.style.background = `rgb(var(${word.weight > 0 ? "--for" : "--against"}) / ${(0.48 * strength).toFixed(2)})`;
      mark.append(make("span", { class: "sr", text: ` (${t(word.weight > 0 ? "spoke_for" : "spoke_against")} ${percent(strength)})` }));
    }
    line.append(mark);
    at = word.end;
  }
  line.append(letters.slice(at).join(""));
  return line;
}

const colour = (value) => {
  const place = Math.max(0, Math.min(0.999, value)) * (STOPS.length - 1);
  const [low, high] = [STOPS[Math.floor(place)], STOPS[Math.floor(place) + 1]];
  return low.map((channel, at) => Math.round(channel + (high[at] - channel) * (place % 1)));
};

function whereabouts(grid) {
  let best = [0, 0];
  grid.forEach((row, y) => row.forEach((value, x) => { if (value > grid[best[0]][best[1]]) best = [y, x]; }));
  const third = (at, count) => Math.min(2, Math.floor((3 * (at + 0.5)) / count));
  return t(`place_${third(best[0], grid.length)}${third(best[1], grid[0].length)}`);
}

async function heat(found, turn) {
  const image = new Image();
  image.src = `/v1/web/turns/${turn}/pictures/${found.picture}?size=large`;
  await image.decode();
  const scale = Math.min(1, 760 / image.naturalWidth, 520 / image.naturalHeight);
  const canvas = make("canvas", { width: Math.round(image.naturalWidth * scale), height: Math.round(image.naturalHeight * scale) });
  const pen = canvas.getContext("2d");
  const { grid, box } = found;
  const most = Math.max(...grid.flat());
  const map = new ImageData(grid[0].length, grid.length);
  grid.flat().forEach((value, at) => {
    const strength = most > 0 ? Math.max(0, value) / most : 0;
    map.data.set([...colour(strength), Math.round(205 * strength ** 0.9)], 4 * at);
  });
  const small = make("canvas", { width: map.width, height: map.height });
  small.getContext("2d").putImageData(map, 0, 0);
  const paint = (shown) => {
    pen.filter = shown ? "grayscale(.5) brightness(.72)" : "none";
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    pen.filter = "none";
    if (!shown) return;
    pen.imageSmoothingQuality = "high";
    const [left, top, right, bottom] = [box[0] * canvas.width, box[1] * canvas.height, box[2] * canvas.width, box[3] * canvas.height];
    pen.drawImage(small, left, top, right - left, bottom - top);
    pen.setLineDash([4, 5]);
    pen.strokeStyle = "#fff9";
    pen.strokeRect(left + 1, top + 1, right - left - 2, bottom - top - 2); // what was looked at
  };
  const glows = most >= LEAST;
  paint(glows);
  const told = glows ? t("heat_told", { place: whereabouts(grid) }) : t("heat_nothing");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", told);
  const ramp = make("span", { class: "ramp", "aria-hidden": "true" }, ...[0, 0.25, 0.5, 0.75, 1].map((value) => {
    const part = make("i");
    part.style.background = `rgb(${colour(value).join(" ")})`;
    return part;
  }));
  let shown = glows;
  const toggle = make("button", { type: "button", class: "quiet", text: t("hide_heat") });
  toggle.onclick = () => {
    shown = !shown;
    toggle.textContent = t(shown ? "hide_heat" : "show_heat");
    paint(shown);
  };
  return make("figure", {}, make("h3", { text: t("parts") }), canvas, make("figcaption", { class: "scale" },
    ...(glows ? [make("span", { text: t("little") }), ramp, make("span", { text: t("much") })] : []),
    make("span", { class: "grow", text: told }), glows ? toggle : null));
}

export async function explain(turn, named) {
  const told = await get(`/v1/web/turns/${turn}/explanation`);
  const name = (intent) => named.get(intent) ?? (intent === "out_of_scope" ? t("nothing_known") : intent.replace(/^.*\./, "").replaceAll("_", " "));
  const body = make("div", { class: "why", role: "region", "aria-label": t("why") });
  body.append(make("p", { text: t("understood", { what: name(told.intent), sure: percent(told.confidence) }) }));
  if (told.explained && told.explained !== told.intent) body.append(make("p", { class: "soft", text: t("nearest", { what: name(told.explained) }) }));
  const present = Object.entries(told.contributions).filter(([, share]) => share >= 0.005);
  if (present.length > 1) body.append(bars(present.map(([kind, share]) => [t(`share_${kind}`), share, PARTS[kind]])));
  for (const passage of told.passages) {
    body.append(make("div", {}, make("h3", { text: t(passage.modality === "audio" ? "words_heard" : "words_typed") }), shaded(passage)));
  }
  for (const found of told.pictures) body.append(await heat(found, turn));
  if (!told.passages.length && !told.pictures.length) body.append(make("p", { class: "soft", text: t(told.source === "dialogue" ? "by_dialogue" : "by_rule") }));
  const others = told.alternatives.filter((other) => other.confidence >= 0.05).slice(0, 3);
  if (others.length) body.append(make("div", {}, make("h3", { text: t("also") }), bars(others.map((other) => [name(other.intent), other.confidence]))));
  for (const line of told.notices) body.append(make("p", { class: "soft", text: line }));
  const total = told.latency_ms?.total;
  if (total) body.append(make("p", { class: "soft", text: t("took", { ms: Math.round(total) }) }));
  return body;
}
