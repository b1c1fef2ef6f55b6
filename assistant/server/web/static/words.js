// The page's words in one language, from text/en.json or text/zh.json.

const KNOWN = ["en", "zh"];
let words = {};
let language = "en";

export function chosenLanguage() {
  const kept = localStorage.getItem("language");
  if (KNOWN.includes(kept)) return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export async function useLanguage(name) {
  language = KNOWN.includes(name) ? name : "en";
  words = await (await fetch(`text/${language}.json`)).json();
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  const label = (node, text) => {
    node.setAttribute("aria-label", text);
    if (node.matches("button")) node.title = text;
  };
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll("[data-t-label]")) label(node, t(node.dataset.tLabel));
  for (const node of document.querySelectorAll("[data-t-place]")) node.placeholder = t(node.dataset.tPlace);
  document.title = t("name");
}

export function t(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export const inChinese = () => language === "zh";

export function ago(seconds) {
  const format = new Intl.RelativeTimeFormat(inChinese() ? "zh" : "en", { numeric: "auto" });
  const past = Math.max(0, Date.now() / 1000 - seconds);
  for (const [unit, length] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (past >= length) return format.format(-Math.floor(past / length), unit);
  }
  return format.format(0, "minute");
}

// A time of day; with the weekday when it is another day, with the date when it is far.
export function clock(seconds) {
  const at = new Date(seconds * 1000);
  const day = at.toDateString() === new Date().toDateString() ? {} : { weekday: "short" };
  if (seconds - Date.now() / 1000 > 6 * 86400) Object.assign(day, { day: "numeric", month: "short" });
  return new Intl.DateTimeFormat(inChinese() ? "zh" : navigator.language, { ...day, hour: "2-digit", minute: "2-digit" }).format(at);
}
