// Plugins, library and settings.

import { call, get } from "./api.js";
import { make, openPanel, toast } from "./dom.js";
import { chosenLanguage, shownLanguage, t, useLanguage } from "./words.js";

export const USUAL = { speak: "no", ring: "yes" };

export const knownPlugins = () => get(`/v1/web/plugins?language=${shownLanguage()}`);

export async function showPlugins() {
  const found = await knownPlugins();
  const abilities = (info) => { // several intents may be one to a user
    const acting = [...info.intents].sort((one, other) => one.acts - other.acts);
    return [...new Map(acting.map((each) => [each.summary, each])).values()];
  };
  const may = (info) => {
    if (info.status === "disabled" || info.status === "failed") return "";
    if (!info.isolated) return t("may_all");
    const used = ["network", "files"].filter((word) => info.capabilities.includes(word) || info.unlimited.includes(word));
    return used.length ? used.map((word) => t(`may_${word}`)).join(" ") : t("may_nothing");
  };
  openPanel(t("plugins"), ...found.map((info) => make("article", { class: "card" },
    make("div", { class: "top" }, make("h3", { text: info.title || info.name }),
      make("span", { class: `tag ${info.status === "active" ? "good" : "warm"}`, text: t(`status_${info.status}`) })),
    make("p", { text: info.status === "active" ? info.summary : info.reason || info.summary }),
    may(info) ? make("p", { class: "soft", text: may(info) }) : null,
    info.intents.length ? make("details", {}, make("summary", { text: t("can_do", { n: abilities(info).length }) }),
      make("ul", {}, ...abilities(info).map((each) => make("li", {}, `${each.summary} `, each.acts ? make("span", { class: "tag warm", text: t("acts") }) : null)))) : null)));
}

export function showLibrary() {
  const field = make("input", { class: "big", type: "search", placeholder: t("library_find"), "aria-label": t("library_find") });
  const finds = make("div", { class: "finds", role: "status" });
  let asked = 0;
  const search = async () => {
    const words = field.value.trim();
    const mine = (asked += 1);
    if (!words) {
      finds.replaceChildren();
      return;
    }
    try {
      const found = await get(`/v1/web/library?q=${encodeURIComponent(words)}`);
      if (mine !== asked) return;
      finds.replaceChildren(...(found.length ? found.map(shown) : [make("p", { class: "soft", text: t("nothing_found") })]));
    } catch (error) {
      if (mine === asked) finds.replaceChildren(make("p", { class: "soft", text: error.message }));
    }
  };
  let wait = 0;
  const soon = (ms) => { clearTimeout(wait); wait = setTimeout(search, ms); };
  field.oninput = () => soon(350);
  field.onkeydown = (event) => { if (event.key === "Enter") soon(0); };
  openPanel(t("library"), make("p", { class: "soft", text: t("library_more") }), field, finds);
  field.focus();
}

function shown(hit) {
  const picture = hit.picture && `/v1/web/library/picture?path=${encodeURIComponent(hit.picture.path)}&signature=${hit.picture.signature}`;
  return make("figure", {},
    picture ? make("a", { href: `${picture}&size=large`, target: "_blank", rel: "noopener" }, make("img", { src: picture, alt: hit.text || hit.name, loading: "lazy" })) : null,
    make("figcaption", {}, make("strong", { text: hit.name }), hit.place ? make("span", { text: hit.place }) : null,
      hit.text ? make("p", { text: hit.text }) : null, make("small", { class: "soft", text: hit.folder })));
}

export async function showSettings(changed) {
  const choice = (name, values, act, usual = values[0][0]) => {
    const select = make("select", { id: `set-${name}` }, ...values.map(([value, text]) => make("option", { value, text })));
    select.value = localStorage.getItem(name) ?? usual;
    select.onchange = async () => {
      localStorage.setItem(name, select.value);
      await act?.(select.value);
      changed();
    };
    return make("div", { class: "field" }, make("label", { htmlFor: `set-${name}`, text: t(`set_${name}`) }), select);
  };
  const toggle = (name) => {
    const box = make("input", { type: "checkbox", role: "switch", id: `set-${name}`, checked: (localStorage.getItem(name) ?? USUAL[name]) === "yes" });
    box.onchange = () => { localStorage.setItem(name, box.checked ? "yes" : "no"); changed(); };
    return make("div", { class: "field" }, make("label", { htmlFor: `set-${name}`, text: t(`set_${name}`) }), box);
  };
  const rows = await get("/v1/web/settings").catch(() => []);
  const told = (value) => (typeof value === "boolean" ? t(value ? "is_on" : "is_off") : typeof value === "object" ? Object.keys(value).join(", ") : String(value));
  const out = make("button", { type: "button", class: "quiet", text: t("log_out"), onclick: async () => {
    await call("/v1/web/logout", { method: "POST" }).catch((error) => toast(error.message));
    location.reload();
  } });
  openPanel(t("settings"),
    choice("theme", [["system", t("theme_system")], ["light", t("theme_light")], ["dark", t("theme_dark")]], setTheme),
    choice("language", [["en", "English"], ["zh", "中文"], ["de", "Deutsch"]], async (name) => { await useLanguage(name); showSettings(changed); }, chosenLanguage()),
    toggle("speak"), toggle("ring"),
    choice("begins", [["always", t("begins_always")], ["wake", t("begins_wake")]]),
    make("hr", { class: "rule" }), make("h3", { text: t("on_server") }), make("p", { class: "soft", text: t("on_server_more") }),
    make("table", {}, make("tbody", {}, ...rows.map((row) => make("tr", { title: `${row.name}: ${row.description}` }, make("td", { text: t(row.name) }), make("td", { text: told(row.value) }))))),
    make("div", {}, out));
}

export function setTheme(name) {
  if (name === "light" || name === "dark") document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
}
