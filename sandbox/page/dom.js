// Building DOM nodes (never from strings of HTML), names, initials, colours and times.
import { locale, t } from "./words.js";

export const ZONE = "Asia/Shanghai";

/** A new element: h("button.quiet", {type: "button", onclick: f, "aria-label": "…"}, child, "text", null). */
export function h(selector, attributes = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (value === true) node.setAttribute(name, "");
  else node.setAttribute(name, String(value));
}

/** Bring `parent`'s children in line with `items`, rebuilding only those whose signature changed, so focus and scroll stay. */
export function reconcile(parent, items, { key, signature, build }) {
  const wanted = new Set(items.map((item) => String(key(item))));
  for (const node of [...parent.children]) if (!wanted.has(node.dataset.key)) node.remove();
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const id = String(key(item));
    const mark = signature(item);
    let node = old.get(id);
    if (!node || node.signature !== mark) {
      const fresh = build(item);
      fresh.dataset.key = id;
      fresh.signature = mark;
      if (node) {
        const focus = focusPath(node);
        if (place === node) place = fresh;
        node.replaceWith(fresh);
        restoreFocus(fresh, focus);
      }
      node = fresh;
    }
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
}

function focusPath(node) {
  if (!node.contains(document.activeElement)) return null;
  return document.activeElement.dataset.focus ?? "";
}

function restoreFocus(node, path) {
  if (path === null) return;
  const target = path ? node.querySelector(`[data-focus="${CSS.escape(path)}"]`) : null;
  (target ?? (node.matches("button, [tabindex]") ? node : node.querySelector("button, [tabindex]")))?.focus();
}

export const nameOf = (user) => [user?.first_name, user?.last_name].filter(Boolean).join(" ") || "?";

const characters = (text) => [...new Intl.Segmenter().segment(text)].map((part) => part.segment);

/** One sign for a Chinese name (a person's last, a group's first), two initials for a Latin one. */
export function initials(name, person = true) {
  const plain = name.trim();
  if (/\p{Script=Han}/u.test(plain)) return plain.match(/\p{Script=Han}/gu).at(person ? -1 : 0);
  const parts = plain.split(/\s+/).slice(0, 2);
  return parts.map((part) => characters(part)[0] ?? "").join("").toUpperCase() || "?";
}

/** Telegram colours a peer by its id; seven tones, defined in style.css. Groups have negative ids. */
export const tone = (id) => `tone-${(id < 0 ? 3 - id : id) % 7}`;

export function avatar(id, name, { small = false, person = true } = {}) {
  return h(`span.avatar.${tone(id)}${small ? ".small" : ""}`, { "aria-hidden": "true" }, initials(name, person));
}

const format = (options) => new Intl.DateTimeFormat(locale(), { timeZone: ZONE, hourCycle: "h23", ...options });
const instant = (unix) => new Date(unix * 1000);

export const clockTime = (unix) => format({ hour: "2-digit", minute: "2-digit" }).format(instant(unix));

export const fullTime = (unix) =>
  format({ year: "numeric", month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit" })
    .format(instant(unix));

export const yearOf = (unix) => format({ year: "numeric" }).format(instant(unix));

export const shortDay = (unix) => format({ month: "short", day: "numeric", weekday: "short" }).format(instant(unix));

/** The calendar day in the sandbox's zone, as YYYY-MM-DD. */
export const dayKey = (unix) => new Intl.DateTimeFormat("en-CA", { timeZone: ZONE }).format(instant(unix));

export function dayName(unix, now) {
  if (dayKey(unix) === dayKey(now)) return t("today");
  if (dayKey(unix) === dayKey(now - 86400)) return t("yesterday");
  const sameYear = dayKey(unix).slice(0, 4) === dayKey(now).slice(0, 4);
  return format({ year: sameYear ? undefined : "numeric", month: "long", day: "numeric", weekday: "short" }).format(instant(unix));
}

export function shortWhen(unix, now) {
  if (dayKey(unix) === dayKey(now)) return clockTime(unix);
  return format({ month: "numeric", day: "numeric" }).format(instant(unix));
}

export function bytes(count) {
  if (count === undefined) return "";
  if (count < 1024) return `${count} B`;
  if (count < 1024 ** 2) return `${(count / 1024).toFixed(1)} KB`;
  return `${(count / 1024 ** 2).toFixed(1)} MB`;
}
