// One message as a bubble: sender, reply quote, text, picture, document, time, inline keyboard; or a centred service line.
import { fileUrl } from "./api.js";
import { avatar, bytes, clockTime, dayKey, dayName, fullTime, h, nameOf, tone } from "./dom.js";
import { richText } from "./entities.js";
import { poll } from "./poll.js";
import { t } from "./words.js";

const STYLES = new Set(["primary", "success", "danger"]);
const KINDS = ["photo", "document", "poll", "location", "contact", "sticker", "voice"];
const GROUPING_GAP = 600; // seconds; Telegram too begins a new block after a while

const names = (users) => users.map(nameOf).join(t("listJoin"));

const SERVICE = [
  ["group_chat_created", (m) => t("svcCreated", { name: nameOf(m.from), title: m.chat.title })],
  ["supergroup_chat_created", () => t("svcSupergroup")],
  ["new_chat_members", (m) => joined(m)],
  ["left_chat_member", (m) => gone(m)],
  ["new_chat_title", (m) => t("svcTitle", { name: nameOf(m.from), title: m.new_chat_title })],
  ["pinned_message", (m) => t("svcPinned", { name: nameOf(m.from), text: shorten(summary(m.pinned_message)) })],
  ["forum_topic_created", (m) => t("svcTopic", { name: m.forum_topic_created.name })],
  ["forum_topic_closed", () => t("svcTopicClosed")],
  ["forum_topic_reopened", () => t("svcTopicReopened")],
  ["migrate_to_chat_id", () => t("svcMigratedTo")],
  ["migrate_from_chat_id", (m) => t("svcMigratedFrom", { title: m.chat.title })],
];

function joined(message) {
  const users = message.new_chat_members;
  if (users.length === 1 && users[0].id === message.from.id) return t("svcJoined", { name: nameOf(users[0]) });
  return t("svcAdded", { name: nameOf(message.from), others: names(users) });
}

function gone(message) {
  const user = message.left_chat_member;
  if (user.id === message.from.id) return t("svcLeft", { name: nameOf(user) });
  return t("svcRemoved", { name: nameOf(message.from), others: nameOf(user) });
}

const shorten = (text) => (text.length > 24 ? `${text.slice(0, 24)}…` : text);

/** The sentence of a service message, or null for an ordinary one. */
export function serviceText(message) {
  const found = SERVICE.find(([field]) => message[field] !== undefined);
  return found ? found[1](message) : null;
}

/** A message in one line, for the list, the pinned bar, quotes and the live region. */
export function summary(message) {
  if (!message) return "";
  const service = serviceText(message);
  if (service) return service;
  const text = (message.text ?? message.caption ?? "").replace(/\s+/g, " ").trim();
  if (message.document) return `📎 ${message.document.file_name ?? t("document")}${text && ` · ${text}`}`;
  if (message.photo) return `🖼 ${text || t("photo")}`;
  if (message.location) return `📍 ${t("location")}`;
  if (message.contact) return `👤 ${message.contact.phone_number}`;
  if (message.poll) return `📊 ${message.poll.question}`;
  if (message.sticker || message.voice) return small(message);
  return text || t("unsupported");
}

/** Messages with day lines between them, each knowing whether it opens or ends a block of one sender. */
export function timeline(messages, now, copies = new Map()) {
  const items = [];
  messages.forEach((message, i) => {
    const before = messages[i - 1];
    const after = messages[i + 1];
    const day = dayKey(message.date);
    if (!before || dayKey(before.date) !== day) {
      items.push({ key: `day-${day}`, day: dayName(message.date, now) });
    }
    items.push({
      key: `m${message.message_id}`,
      message,
      copy: copies.get(message.message_id),
      opens: !sameBlock(before, message),
      ends: !sameBlock(message, after),
    });
  });
  return items;
}

function sameBlock(one, other) {
  if (!one || !other || serviceText(one) || serviceText(other)) return false;
  return one.from?.id === other.from?.id && one.topic_name === other.topic_name && dayKey(one.date) === dayKey(other.date)
    && other.date - one.date < GROUPING_GAP;
}

/** The node of one item of the timeline. `scene` = {me, group, on}, `on` = what clicks do. */
export function buildItem(item, scene) {
  if (item.day) return h("div.day", {}, h("span", {}, item.day));
  const service = serviceText(item.message);
  const testid = `message-${item.message.message_id}`;
  if (service) return h("div.service", { "data-testid": testid }, h("span", {}, service));
  return bubbleRow(item, scene, testid);
}

function bubbleRow({ message, copy, opens, ends }, scene, testid) {
  const mine = message.from?.id === scene.me;
  const classes = `article.row.${mine ? "out" : "in"}${opens ? ".opens" : ""}${ends ? ".ends" : ""}`;
  const label = `${nameOf(message.from)}, ${fullTime(message.date)}`;
  const face = scene.group && !mine
    ? h("span.face", {}, ends ? avatar(message.from.id, nameOf(message.from), { small: true, person: !message.from.is_bot }) : null)
    : null;
  return h(
    classes,
    { "data-testid": testid, "aria-label": label },
    face,
    h("div.stack", { ondblclick: () => scene.on.reply(message) }, message.topic_name && opens ? h("p.topic-name", {}, `# ${message.topic_name}`) : null,
      copy ? h("p.copy", { "data-testid": "copy" }, t(copy)) : null,
      bubble(message, opens, mine, scene), keyboard(message, scene)),
    h("button.reply-hint", {
      type: "button", tabindex: -1, "aria-label": t("reply"), title: t("reply"), onclick: () => scene.on.reply(message),
    }, "↩"),
  );
}

function bubble(message, opens, mine, scene) {
  const text = message.text ?? message.caption ?? "";
  const entities = message.entities ?? message.caption_entities ?? [];
  return h(
    "div.bubble",
    {},
    opens && scene.group && !mine ? sender(message.from, message.sender_chat) : null,
    quote(message.reply_to_message, scene),
    photo(message.photo),
    document_(message.document),
    poll(message, scene),
    h("div.text", {}, plain(message), text ? richText(text, entities, scene.on) : known(message) ? null : t("unsupported"), meta(message)),
  );
}

const known = (message) => KINDS.some((kind) => message[kind]);

/** A sticker as its emoji, a voice message as its length. */
const small = ({ sticker, voice }) => (sticker ? `${sticker.emoji} ${t("sticker")}` : `🎤 ${t("voice", { n: voice.duration })}`);

function plain({ location, contact, sticker, voice }) {
  if (sticker || voice) return h("span", {}, small({ sticker, voice }));
  if (location) return h("span", {}, `📍 ${location.latitude.toFixed(5)}, ${location.longitude.toFixed(5)}`);
  if (contact) return h("span", {}, `👤 ${nameOf(contact)} · ${contact.phone_number}`);
  return null;
}

function sender(user, chat) {
  if (chat) return h(`div.sender.${tone(chat.id)}`, {}, chat.title);
  return h(`div.sender.${tone(user.id)}`, {}, nameOf(user), user.is_bot ? h("span.badge", {}, t("bot")) : null);
}

function quote(original, scene) {
  if (!original) return null;
  return h(
    `button.quote.${tone(original.from?.id ?? 0)}`,
    { type: "button", tabindex: -1, onclick: () => scene.on.jump(original.message_id) },
    h("strong", {}, nameOf(original.from)),
    h("span", {}, summary(original)),
  );
}

function photo(sizes) {
  if (!sizes?.length) return null;
  const best = sizes.at(-1);
  const url = fileUrl(best.file_id);
  return h("a.photo", { href: url, target: "_blank", rel: "noopener" },
    h("img", { src: url, alt: t("photo"), width: best.width, height: best.height, loading: "lazy" }));
}

function document_(file) {
  if (!file) return null;
  const name = file.file_name ?? t("document");
  const ending = name.includes(".") ? name.split(".").at(-1).slice(0, 4) : "";
  return h(
    "a.document",
    { href: fileUrl(file.file_id), download: name, "data-testid": "document-download", "aria-label": t("download", { name }) },
    h("span.sheet", { "aria-hidden": "true" }, ending.toUpperCase() || "↓"),
    h("span.document-words", {}, h("strong", {}, name), h("small", {}, "↓ ", bytes(file.file_size))),
  );
}

function meta(message) {
  const edited = message.edit_date ? h("span.edited", { title: fullTime(message.edit_date) }, t("edited")) : null;
  return h("span.meta", {}, edited, h("time", { title: fullTime(message.date) }, clockTime(message.date)));
}

function keyboard(message, scene) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  return h("div.keyboard", { role: "group" }, rows.map((buttons, row) =>
    h("div.keys", {}, buttons.map((button, col) => key(message, button, row, col, scene)))));
}

function key(message, button, row, col, scene) {
  const style = STYLES.has(button.style) ? `.${button.style}` : "";
  const leads = Boolean(button.url || button.login_url || button.web_app);
  return h(
    `button.key${style}`,
    {
      type: "button",
      "data-focus": `${row}-${col}`,
      "data-testid": `button-${message.message_id}-${row}-${col}`,
      onclick: (event) => scene.on.press(message, button, row, col, event.currentTarget),
    },
    h("span", {}, button.text),
    leads ? h("span.leads", { role: "img", "aria-label": t("opensLink"), title: button.url }, "↗") : null,
  );
}
