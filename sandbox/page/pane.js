// One conversation: head, pinned bar, messages, foot.
import { Composer } from "./composer.js";
import { avatar, h, reconcile } from "./dom.js";
import { buildItem, summary, timeline } from "./messages.js";
import { chooseTopic, chosenTopic, inTopic, topicBar } from "./topics.js";
import { language, t } from "./words.js";

const NEAR_BOTTOM = 80; // pixels

export class Pane {
  /** `on` = {send, topic, newTopic, vote, attach, contact, location, start, unblock, press, reply, command, link, info, back}; each is given the chat first. */
  constructor(section, on) {
    this.section = section;
    this.on = on;
    this.chat = null;
    this.composer = new Composer({
      send: (text, replyTo) => this.send(text, replyTo),
      attach: (file, caption) => on.attach(this.chat, file, caption),
      contact: () => on.contact(this.chat),
      location: () => on.location(this.chat),
      start: () => on.start(this.chat),
      unblock: () => on.unblock(this.chat),
    });
    this.head = h("header.pane-head");
    this.topics = h("div");
    this.pin = h("button.pinned", { type: "button", hidden: true, "data-testid": "pinned" });
    this.log = h("div.log", { tabindex: 0, role: "region", "data-testid": "messages", onscroll: () => this.scrolled() });
    this.down = h("button.down", { type: "button", hidden: true, "data-testid": "to-bottom", onclick: () => this.toBottom("smooth") }, "↓");
    this.empty = h("p.nothing");
    this.stuck = true;
    this.log.addEventListener("load", () => this.keepBottom(), true); // a picture has found its size
    new ResizeObserver(() => this.keepBottom()).observe(this.log);
    section.append(this.empty, this.head, this.topics, this.pin, this.log, this.down, this.composer.node);
  }

  /** Show nothing but a sentence. */
  clear(words) {
    this.chat = null;
    this.section.dataset.empty = "";
    this.empty.textContent = words;
  }

  /** `copies` maps the ids of messages that a fault doubled to the word for them. */
  show(as, chat, messages, now, copies = new Map()) {
    const place = `${as}:${chat.id}:${chosenTopic(chat) ?? ""}`;
    delete this.section.dataset.empty;
    const visible = this.log.clientHeight > 0;
    if (this.place !== place || visible !== this.visible) this.stuck = true;
    Object.assign(this, { place, chat, as, visible });
    this.section.setAttribute("aria-label", chat.title);
    this.renderHead();
    this.renderTopics();
    this.renderPin();
    this.renderLog(inTopic(chat, messages), now, copies);
    this.composer.show(as, chat, messages);
    this.keepBottom();
  }

  renderHead() {
    const { chat } = this;
    const mark = JSON.stringify([chat.id, chat.title, chat.type, chat.members, chat.blocked, language()]);
    if (mark === this.headMark) return;
    this.headMark = mark;
    const back = h("button.round.back", { type: "button", "data-testid": "back", "aria-label": t("back"), onclick: () => this.on.back() }, "‹");
    this.head.replaceChildren(
      back,
      avatar(chat.type === "private" ? chat.bot : chat.id, chat.title, { person: false }),
      h("div.pane-title", {}, h("h2", {}, chat.title), h("p", {}, subtitle(chat))),
      h("button.round", {
        type: "button", "data-testid": "chat-info", "aria-label": t("info", { title: chat.title }), title: t("info", { title: chat.title }),
        onclick: () => this.on.info(chat),
      }, "⋮"),
    );
  }

  send(text, replyTo) {
    return this.on.send(this.chat, text, replyTo, chosenTopic(this.chat) || undefined);
  }

  renderTopics() {
    const { chat } = this;
    const mark = JSON.stringify([chat.id, chat.is_forum, chat.topics, chosenTopic(chat), language()]);
    if (mark === this.topicMark) return;
    this.topicMark = mark;
    const focus = this.topics.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    const choose = (thread) => {
      chooseTopic(chat, thread);
      this.on.topic(chat);
    };
    this.topics.replaceChildren(...(chat.is_forum ? [topicBar(chat, choose, () => this.on.newTopic(chat))] : []));
    if (focus) this.topics.querySelector(`[data-focus="${focus}"]`)?.focus();
  }

  renderPin() {
    const pinned = this.chat.pinned;
    this.pin.hidden = !pinned;
    if (!pinned) return;
    this.pin.replaceChildren(h("strong", {}, t("pinned")), h("span", {}, summary(pinned)));
    this.pin.onclick = () => this.jump(pinned.message_id);
  }

  renderLog(messages, now, copies) {
    this.log.setAttribute("aria-label", this.chat.title);
    this.down.setAttribute("aria-label", t("toBottom"));
    const scene = {
      me: this.as,
      group: this.chat.type !== "private",
      on: {
        press: (...tap) => this.on.press(this.chat, ...tap),
        vote: (message, options) => this.on.vote(this.chat, message, options),
        reply: (message) => this.reply(message),
        jump: (id) => this.jump(id),
        command: (text) => this.send(text),
        link: (url) => this.on.link(url),
      },
    };
    reconcile(this.log, messages.length ? timeline(messages, now, copies) : [{ key: "empty", day: t("emptyChat") }], {
      key: (item) => `${this.place}:${item.key}`,
      signature: (item) => JSON.stringify([item, language()]),
      build: (item) => buildItem(item, scene),
    });
  }

  reply(message) {
    this.composer.setReply(message);
    this.composer.focus();
  }

  jump(id) {
    const node = this.log.querySelector(`[data-testid="message-${id}"]`);
    if (!node) return;
    node.scrollIntoView({ block: "center", behavior: calm() });
    node.classList.remove("flash");
    requestAnimationFrame(() => node.classList.add("flash"));
  }

  atBottom() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_BOTTOM;
  }

  toBottom(behavior = "auto") {
    this.log.scrollTo({ top: this.log.scrollHeight, behavior: behavior === "smooth" ? calm() : "auto" });
  }

  scrolled() {
    if (!this.log.clientHeight) return;
    this.stuck = this.atBottom();
    this.down.hidden = this.stuck;
  }

  /** Stay at the newest message when the content or the window changes, unless the person has scrolled up. */
  keepBottom() {
    if (this.stuck) this.toBottom();
    this.down.hidden = this.atBottom();
  }
}

const calm = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");

function subtitle(chat) {
  if (chat.type === "private") return t("bot");
  return `${t("members", { n: chat.members.length })} · ${t(chat.type)}`;
}
