// Telegram's message entities (offsets in UTF-16 units, as JavaScript counts too) as DOM nodes.
import { fullTime, h } from "./dom.js";

const WEB = /^(https?|tg|mailto|tel):/i;

const BUILD = {
  bold: (kids) => h("strong", {}, kids),
  italic: (kids) => h("em", {}, kids),
  underline: (kids) => h("u", {}, kids),
  strikethrough: (kids) => h("s", {}, kids),
  code: (kids) => h("code", {}, kids),
  pre: (kids) => h("pre", {}, h("code", {}, kids)),
  blockquote: (kids) => h("blockquote", {}, kids),
  expandable_blockquote: (kids) => h("blockquote", {}, kids),
  spoiler: (kids) => h("button.spoiler", { type: "button", onclick: (e) => e.currentTarget.classList.add("shown") }, kids),
  date_time: (kids, entity) => h("time", { title: entity.unix_time ? fullTime(entity.unix_time) : null }, kids),
  text_mention: (kids) => h("span.mention", {}, kids),
  mention: (kids) => h("span.mention", {}, kids),
  hashtag: (kids) => h("span.mention", {}, kids),
  cashtag: (kids) => h("span.mention", {}, kids),
  phone_number: (kids) => h("span.mention", {}, kids),
  email: (kids, entity, text) => link(kids, `mailto:${text}`, null),
  url: (kids, entity, text, on) => link(kids, WEB.test(text) ? text : `https://${text}`, on.link),
  text_link: (kids, entity, text, on) => link(kids, entity.url, on.link),
  bot_command: (kids, entity, text, on) =>
    h("button.command-link", { type: "button", onclick: () => on.command(text) }, kids),
};

/** A real link, but followed by `follow(url)`, because t.me leads back into the sandbox. */
function link(kids, url, follow) {
  if (!WEB.test(url)) return h("span", {}, kids);
  const onclick = follow && ((event) => {
    event.preventDefault();
    follow(url);
  });
  return h("a", { href: url, rel: "noopener noreferrer", target: "_blank", onclick }, kids);
}

/**
 * Nodes for `text` with its nested `entities`. `on.command(text)` and `on.link(url)` are called on a click.
 * An entity that overlaps its parent's end (never sent by Telegram) is cut there.
 */
export function richText(text, entities = [], on) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return span(text, 0, text.length, sorted, on);
}

function span(text, from, to, entities, on) {
  const nodes = [];
  let at = from;
  while (entities.length && entities[0].offset < to) {
    const entity = entities.shift();
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    if (end <= start) continue;
    if (start > at) nodes.push(text.slice(at, start));
    const kids = span(text, start, end, entities, on);
    const build = BUILD[entity.type];
    nodes.push(...(build ? [build(kids, entity, text.slice(start, end), on)] : kids));
    at = end;
  }
  if (at < to) nodes.push(text.slice(at, to));
  return nodes;
}
