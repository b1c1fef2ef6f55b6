// Small help with the page's elements; text is always set as text, never as markup.

import { t } from "./words.js";

export const $ = (id) => document.getElementById(id);

export function make(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name === "text") node.textContent = value;
    else if (name in node && name !== "list") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `icons.svg#${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

const MOST_TOASTS = 3;

// A line that goes by itself. One that differs from another only in its figures takes its place; of too many the oldest goes.
export function toast(text, seconds = 6) {
  const kind = text.replace(/[\d.,]+/g, "#");
  const node = make("div", { class: "toast", text });
  node.dataset.kind = kind;
  const shown = [...$("toasts").children];
  shown.find((other) => other.dataset.kind === kind)?.remove();
  $("toasts").append(node);
  if ($("toasts").childElementCount > MOST_TOASTS) $("toasts").firstElementChild.remove();
  setTimeout(() => node.remove(), seconds * 1000);
}

export function openPanel(title, ...content) {
  $("panel-title").textContent = title;
  $("panel-body").replaceChildren(...content);
  if (!$("panel").open) $("panel").showModal();
  return new Promise((closed) => $("panel").addEventListener("close", closed, { once: true }));
}

export function percent(share) {
  return `${Math.round(100 * share)} %`;
}

export function ask(question, yes) {
  return new Promise((answered) => {
    const sure = make("button", { class: "solid warn", text: yes, onclick: () => { answered(true); $("panel").close(); } });
    const not = make("button", { class: "quiet", text: t("cancel"), onclick: () => $("panel").close() });
    openPanel(question, make("div", { class: "row" }, sure, not)).then(() => answered(false));
  });
}
