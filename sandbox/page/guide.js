// The guided first minute: the steps that the bot tells of, ticked off by what really happened, what to press, and doing it.
import * as api from "./api.js";
import { toast } from "./dialogs.js";
import { h } from "./dom.js";
import { place } from "./place.js";
import { locale, t } from "./words.js";

const PATIENCE = 12_000; // milliseconds that a step may take when the page does it
const said = (words) => words?.[locale() === "zh-CN" ? "zh-CN" : "en"] ?? "";
const verbOf = (button) => button.callback_data?.split(":")[0];

export class Guide {
  /** `desk` = {data(), now(), messages(chat), become(person), openChat(chat), fill(chat, text), tap(…), act(deed)}: what app.js knows and does. */
  constructor(desk) {
    this.desk = desk;
    this.node = h("div.guide", { "data-testid": "guide" });
    this.waiting = new Set();
  }

  get hints() {
    return this.desk.data().hints.guide;
  }

  /** Draw the steps, say which was just done, and mark what to press while the guide is open. */
  show() {
    const guide = this.hints;
    if (!guide) return;
    this.tellDone(guide.steps);
    const mark = JSON.stringify([guide, locale(), this.busy]);
    if (mark !== this.mark) {
      this.mark = mark;
      const inside = this.node.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
      this.node.replaceChildren(...this.content(guide));
      if (inside) (this.node.querySelector(`[data-testid="${inside}"]`) ?? this.node.querySelector("button"))?.focus();
    }
    for (const check of this.waiting) check();
    this.glow(place.panel === "guide" && !this.busy ? guide.next : null);
  }

  tellDone(steps) {
    const done = new Set(steps.filter((step) => step.done).map((step) => step.id));
    const fresh = this.done ? steps.find((step) => step.done && !this.done.has(step.id)) : null;
    this.done = done;
    if (fresh && place.panel === "guide") toast(t("stepDone", { step: said(fresh.title) }), "toast", "guide");
  }

  content({ steps, next }) {
    const rows = steps.map((step, i) => h(
      `li.step-row${step.done ? ".done" : ""}${step.id === next?.step ? ".now" : ""}`,
      { "data-testid": `step-${step.id}`, "aria-current": step.id === next?.step ? "step" : null },
      h("span.tick", { role: "img", "aria-label": t(step.done ? "stepIsDone" : "stepIsOpen") }, step.done ? "✓" : String(i + 1)),
      h("div.step-words", {}, h("strong", {}, said(step.title)), step.id === next?.step ? this.now(step, next) : null),
    ));
    return [h("ol.guide-steps", {}, rows), next ? null : h("p.note", { "data-testid": "guide-end" }, t("guideEnd"))].filter(Boolean);
  }

  now(step, next) {
    const line = said(next.say);
    return h("div", {},
      h("p", {}, next.over ? t("sessionOver") : said(step.text)),
      line ? h("p.line", {}, h("code", {}, line),
        h("button.quiet.accent", { type: "button", "data-testid": "guide-fill", onclick: () => this.fill(line) }, t("fillIn"))) : null,
      h("button.primary", { type: "button", disabled: Boolean(this.busy), "data-testid": "guide-do", onclick: () => this.doStep() }, t(this.busy ? "doing" : "doIt")));
  }

  /** The chat, the person and the button of what is next, as far as they are there: {chat, person, spot}. */
  target(next) {
    const data = this.desk.data();
    const groups = data.chats.filter((chat) => chat.type !== "private" && ["member", "administrator"].includes(chat.bot_status));
    const chat = groups.find((one) => one.id === next.chat) ?? (next.chat ? null : groups[0]);
    const people = new Set(data.people.map((person) => person.id));
    const members = chat?.members.filter((member) => people.has(member.user_id)) ?? [];
    const owner = members.find((member) => member.status === "creator")?.user_id;
    const others = members.map((member) => member.user_id).filter((id) => id !== owner);
    const wanted = { owner, member: others.includes(place.as) ? place.as : others[0] }[next.as];
    return { chat, person: wanted ?? (people.has(next.as) ? next.as : data.people[0]?.id), spot: chat ? this.spot(chat, next.press) : null };
  }

  /** The newest button with this verb: {message, row, col, button}, or null. */
  spot(chat, verb) {
    for (const message of [...this.desk.messages(chat)].reverse()) {
      for (const [row, buttons] of (message.reply_markup?.inline_keyboard ?? []).entries()) {
        const col = buttons.findIndex((button) => verbOf(button) === verb);
        if (col >= 0) return { message, row, col, button: buttons[col] };
      }
    }
    return null;
  }

  /** Mark the one thing to press next. */
  glow(next) {
    const wanted = next ? this.toPress(next) : null;
    for (const node of document.querySelectorAll(".glow")) if (node !== wanted) node.classList.remove("glow");
    wanted?.classList.add("glow");
  }

  toPress(next) {
    const { chat, person, spot } = this.target(next);
    const find = (testid, root = document) => root.querySelector(`[data-testid="${testid}"]`);
    if (person !== place.as) return find(`person-chip-${person}`);
    const pane = document.getElementById("pane-group");
    if (!chat || !pane.checkVisibility() || !pane.contains(find(`chat-info`, pane)) || place.open[place.as]?.group !== chat.id) {
      const row = chat && find(`chat-${chat.id}`);
      return row?.checkVisibility() ? row : [...document.querySelectorAll(".back")].find((back) => back.checkVisibility());
    }
    if (next.clock > this.desk.now()) return find("clock-next");
    if (spot) this.pressed = JSON.stringify(next); // once it is gone, it was
    if (spot) return find(`button-${spot.message.message_id}-${spot.row}-${spot.col}`, pane);
    if (this.pressed === JSON.stringify(next)) return null; // its button was pressed, and the bot has not said what is next
    return next.say ? find("composer", pane) : null; // else the button is on its way
  }

  async fill(line) {
    const { person } = this.target(this.hints.next);
    await this.desk.become(person);
    const { chat } = this.target(this.hints.next);
    await this.desk.openChat(chat);
    this.desk.fill(line);
  }

  /** Do the whole step that is next, one press after the other, as a person would. */
  async doStep() {
    const { step } = this.hints.next;
    this.busy = true;
    this.show();
    try {
      while (this.hints.next?.step === step) {
        const before = JSON.stringify(this.hints.next);
        if (!(await this.doOne(this.hints.next))) break;
        if (!(await this.until(() => JSON.stringify(this.hints.next) !== before))) break;
      }
    } finally {
      this.busy = false;
      this.show();
    }
  }

  async doOne(next) {
    await this.desk.become(this.target(next).person);
    const { chat } = this.target(next);
    if (!chat) return false;
    await this.desk.openChat(chat);
    if (next.clock > this.desk.now()) return this.desk.act(() => api.setClock(next.clock + 1));
    if (!this.target(next).spot && next.say && !(await this.desk.act(() => api.say(place.as, chat.id, said(next.say))))) return false;
    if (!(await this.until(() => this.target(next).spot))) return false;
    const { message, button, row, col } = this.target(next).spot;
    const node = document.querySelector(`#pane-group [data-testid="button-${message.message_id}-${row}-${col}"]`);
    node?.scrollIntoView({ block: "nearest" });
    await this.desk.tap(chat, message, button, row, col, node);
    return true;
  }

  /** Wait until `holds()` after some change; false if it takes too long. */
  until(holds) {
    if (holds()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (value) => {
        clearTimeout(timer);
        this.waiting.delete(check);
        resolve(value);
      };
      const check = () => holds() && end(true);
      const timer = setTimeout(() => end(false), PATIENCE);
      this.waiting.add(check);
    });
  }
}
