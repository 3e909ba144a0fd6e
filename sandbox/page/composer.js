// The foot of a conversation: writing, the "/" menu of commands, reply keyboards, and the START button.
import { nameOf, h } from "./dom.js";
import { summary } from "./messages.js";
import { t } from "./words.js";

let count = 0;

export class Composer {
  /** `on` = {send(text, replyTo), attach(file, caption), contact(), location(), start(), unblock()}. */
  constructor(on) {
    this.on = on;
    this.drafts = new Map();
    this.replyTo = null;
    this.messages = [];
    this.place = null;
    this.menuId = `commands-${++count}`;
    this.node = h("footer.foot");
    this.build();
  }

  build() {
    this.input = h("textarea.input", {
      rows: 1, maxlength: 4096, "data-testid": "composer", autocomplete: "off", enterkeyhint: "send",
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.menuId,
      oninput: () => this.changed(), onkeydown: (event) => this.pressed(event),
      onblur: () => setTimeout(() => this.closeMenu(), 150),
    });
    this.menu = h("ul.menu", { id: this.menuId, role: "listbox", hidden: true, "data-testid": "command-menu" });
    this.slash = h("button.slash", {
      type: "button", "data-testid": "command-button", onclick: () => this.toggleMenu(),
    }, "/");
    this.sendButton = h("button.send", { type: "button", "data-testid": "send", onclick: () => this.send() }, icon(PLANE));
    this.file = h("input", { type: "file", hidden: true, "data-testid": "attach-file", onchange: () => this.attach() });
    this.clip = h("button.slash", { type: "button", "data-testid": "attach", onclick: () => this.file.click() }, icon(CLIP));
    this.quote = h("div.replying", { hidden: true });
    this.keys = h("div.reply-keys", { role: "group", "data-testid": "reply-keyboard" });
    this.bar = h("div.bar", {}, this.slash, this.input, this.clip, this.file, this.sendButton);
    this.big = h("button.big", { type: "button" });
    this.hint = h("p.hint");
  }

  /** Show `chat` (with `started`, `blocked`, `commands`) as seen by the person `as`. */
  show(as, chat, messages) {
    const place = `${as}:${chat.id}`;
    if (place !== this.place) this.moveTo(place);
    this.chat = chat;
    this.messages = messages;
    const closed = chat.type === "private" && (chat.blocked || !chat.started);
    if (closed) this.showBig(chat);
    else this.showBar(chat);
  }

  moveTo(place) {
    if (this.place) this.drafts.set(this.place, this.input.value);
    this.place = place;
    this.input.value = this.drafts.get(place) ?? "";
    this.setReply(null);
    this.closeMenu();
    this.grow();
  }

  showBig(chat) {
    this.big.textContent = chat.blocked ? t("restart") : t("start");
    this.big.dataset.testid = chat.blocked ? "unblock" : "start";
    this.big.onclick = chat.blocked ? this.on.unblock : this.on.start;
    this.hint.textContent = chat.blocked ? t("blocked") : t("startHint");
    this.place_(this.hint, this.big);
  }

  showBar(chat) {
    this.input.placeholder = t("write");
    this.input.setAttribute("aria-label", t("writeIn", { title: chat.title }));
    this.menu.setAttribute("aria-label", t("commandList"));
    this.slash.setAttribute("aria-label", t("commands"));
    this.slash.title = t("commands");
    this.slash.hidden = !chat.commands.length;
    this.sendButton.setAttribute("aria-label", t("send"));
    this.sendButton.title = t("send");
    this.clip.setAttribute("aria-label", t("attach"));
    this.clip.title = t("attach");
    this.renderKeys();
    this.place_(this.menu, this.quote, this.bar, this.keys);
  }

  place_(...nodes) {
    if (this.node.firstChild !== nodes[0]) this.node.replaceChildren(...nodes);
  }

  focus() {
    const target = this.bar.isConnected ? this.input : this.big;
    target.focus({ preventScroll: true });
  }

  /** Put words there for the person to send. */
  fill(words) {
    this.input.value = words;
    this.grow();
    this.focus();
  }

  setReply(message) {
    this.replyTo = message;
    this.quote.hidden = !message;
    if (!message) return this.quote.replaceChildren();
    return this.quote.replaceChildren(
      h("span.replying-words", {}, h("strong", {}, t("replyTo", { name: nameOf(message.from) })), h("span", {}, summary(message))),
      h("button.round", { type: "button", "aria-label": t("cancelReply"), onclick: () => this.setReply(null) }, "✕"),
    );
  }

  /** Send; what was refused comes back, so that nothing written is lost. */
  async send(text = this.input.value) {
    const words = text.trim();
    if (!words) return;
    const { place, replyTo } = this;
    this.input.value = "";
    this.setReply(null);
    this.closeMenu();
    this.grow();
    this.input.focus({ preventScroll: true });
    if (await this.on.send(words, replyTo?.message_id)) return;
    if (this.place === place && !this.input.value) this.input.value = words;
    else this.drafts.set(place, words);
  }

  /** A file goes out at once, with what is written as its caption. */
  attach() {
    const [file] = this.file.files;
    if (!file) return;
    this.on.attach(file, this.input.value.trim());
    this.file.value = "";
    this.input.value = "";
    this.grow();
  }

  changed() {
    this.grow();
    const asked = /^\/([a-z0-9_]*)$/i.exec(this.input.value);
    if (asked) this.openMenu(asked[1].toLowerCase());
    else this.closeMenu();
  }

  grow() {
    this.input.style.height = "auto";
    if (this.input.value) this.input.style.height = `${Math.min(this.input.scrollHeight, 160)}px`;
  }

  pressed(event) {
    if (event.isComposing) return; // an input method's Enter chooses a word, it does not send
    if (!this.menu.hidden && this.menuKey(event)) return event.preventDefault();
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      return this.send();
    }
    if (event.key === "Escape" && this.replyTo) return this.setReply(null);
    if (event.ctrlKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      return this.pickReply(event.key === "ArrowUp" ? -1 : 1);
    }
    return undefined;
  }

  /** Ctrl+↑ and Ctrl+↓ choose the message to answer, as in Telegram's desktop program. */
  pickReply(step) {
    const at = this.replyTo ? this.messages.findIndex((m) => m.message_id === this.replyTo.message_id) : this.messages.length;
    this.setReply(this.messages[at + step] ?? null);
  }

  toggleMenu() {
    if (!this.menu.hidden) return this.closeMenu();
    this.input.focus();
    if (!this.input.value) this.input.value = "/";
    return this.openMenu("");
  }

  openMenu(prefix) {
    this.found = this.chat.commands.filter((command) => command.command.startsWith(prefix));
    this.chosen = 0;
    this.menu.hidden = !this.found.length;
    this.input.setAttribute("aria-expanded", String(!this.menu.hidden));
    this.menu.replaceChildren(...this.found.map((command, i) => h(
      "li",
      { id: `${this.menuId}-${i}`, role: "option", "data-testid": `command-${command.command}`,
        onmousedown: (event) => event.preventDefault(), onclick: () => this.runCommand(command) },
      h("strong", {}, `/${command.command}`), h("span", {}, command.description),
    )));
    this.mark();
  }

  mark() {
    [...this.menu.children].forEach((node, i) => node.setAttribute("aria-selected", String(i === this.chosen)));
    if (this.menu.hidden) return this.input.removeAttribute("aria-activedescendant");
    this.menu.children[this.chosen].scrollIntoView({ block: "nearest" });
    return this.input.setAttribute("aria-activedescendant", `${this.menuId}-${this.chosen}`);
  }

  menuKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.chosen = (this.chosen + step + this.found.length) % this.found.length;
      this.mark();
    } else if (event.key === "Escape") this.closeMenu();
    else if (event.key === "Tab" && !event.shiftKey) this.complete(this.found[this.chosen]);
    else if (event.key === "Enter" && !event.shiftKey) this.runCommand(this.found[this.chosen]);
    else return false;
    return true;
  }

  complete(command) {
    this.input.value = `/${command.command} `;
    this.closeMenu();
  }

  /** In a group a command names its bot, as Telegram's own menu does. */
  runCommand(command) {
    this.send(`/${command.command}${this.chat.type === "private" ? "" : `@${command.bot}`}`);
  }

  closeMenu() {
    this.menu.hidden = true;
    this.menu.replaceChildren();
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  renderKeys() {
    const last = this.messages.findLast((m) => m.reply_markup?.keyboard || m.reply_markup?.remove_keyboard);
    const used = last?.reply_markup.one_time_keyboard && this.messages.at(-1) !== last;
    const rows = used ? [] : last?.reply_markup.keyboard ?? [];
    this.keys.replaceChildren(...rows.map((row) => h("div.keys", {}, row.map((key) => {
      const text = key.text ?? key;
      return h("button.key", { type: "button", onclick: () => this.pressKey(key, text) }, text);
    }))));
  }

  /** A reply key says its words, unless it asks for what only the person can give. */
  pressKey(key, text) {
    if (key.request_contact) this.on.contact();
    else if (key.request_location) this.on.location();
    else this.send(text);
  }
}

const PLANE = "M3 20.5 21.5 12 3 3.5l2.2 7L14 12l-8.8 1.5z";
const CLIP = "M16.5 6v11a4.5 4.5 0 0 1-9 0V5a3 3 0 0 1 6 0v10.5a1.5 1.5 0 0 1-3 0V6H9v9.5a3 3 0 0 0 6 0V5A4.5 4.5 0 0 0 6 5v12a6 6 0 0 0 12 0V6z";

function icon(shape) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", shape);
  svg.append(path);
  return svg;
}
