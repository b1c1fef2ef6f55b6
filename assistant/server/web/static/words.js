// The page's words in one language, from the file of that name in text/.

const KNOWN = ["en", "zh", "de"];
let words = {};
let language = "en";

export function chosenLanguage() {
  const kept = localStorage.getItem("language");
  if (KNOWN.includes(kept)) return kept;
  const own = navigator.language.slice(0, 2).toLowerCase();
  return KNOWN.includes(own) ? own : "en";
}

export async function useLanguage(name) {
  language = KNOWN.includes(name) ? name : "en";
  words = await (await fetch(`text/${language}.json`)).json();
  document.documentElement.lang = language === "zh" ? "zh-Hans" : language;
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

export const shownLanguage = () => language;

export function ago(seconds) {
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
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
  return new Intl.DateTimeFormat(language === "en" ? navigator.language : language, { ...day, hour: "2-digit", minute: "2-digit" }).format(at);
}
