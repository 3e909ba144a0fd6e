// The fault desk: what may go wrong between the bot and Telegram, at the press of a button, and what the bot then did.
import { h, reconcile } from "./dom.js";
import { language, t } from "./words.js";

const PATIENCE = 15; // seconds; whoever has not tried again by then will not
const PAGE_OF_A_PROXY = "<html><h1>502 Bad Gateway</h1></html>";

/** What can be armed; `send*` is everything the bot sends. The words of each stand in words.js as fault_<name>. */
const FAULTS = [
  { name: "busy", method: "send*", action: { status: 429, parameters: { retry_after: 5 } } },
  { name: "lostAnswer", method: "send*", action: "drop_after_accept" },
  { name: "lostRequest", method: "send*", action: "drop_before" },
  { name: "serverError", method: "send*", action: { body: PAGE_OF_A_PROXY, status: 502, accept: false } },
  { name: "silent", method: "*", action: { hang: 20, accept: false }, times: 0, seconds: 20 },
];

export class Desk {
  /** `on` = {arm(fault), disarm(id), forget()}; the panel is built once and brought in line by `show`. */
  constructor(on) {
    this.on = on;
    this.buttons = h("ul.faults");
    this.ledger = h("ol.incidents", { "data-testid": "incidents", "aria-live": "polite" });
    this.none = h("p.note", { "data-testid": "no-incidents" });
    this.intro = h("p.note");
    this.title = h("h3");
    this.forget = h("button.quiet.accent", { type: "button", "data-testid": "forget-incidents", onclick: () => on.forget() });
    this.node = h("div.desk", { "data-testid": "fault-desk" }, this.intro,
      this.line = h("div.desk-line", {}, this.title, this.forget), this.ledger, this.buttons, this.none);
    setInterval(() => this.count(), 1000);
  }

  /** `armed` and `incidents` as the server lists them; `titles` maps a chat's id to its title. */
  show(armed, incidents, titles) {
    this.intro.textContent = t("faultsIntro");
    this.title.textContent = t("incidents");
    this.forget.textContent = t("forget");
    this.line.hidden = !incidents.length;
    this.intro.hidden = incidents.length > 0;
    this.none.textContent = t("noIncidents");
    this.none.hidden = incidents.length > 0;
    this.ends = new Map(armed.filter((one) => one.seconds_left !== null).map((one) => [one.id, Date.now() + one.seconds_left * 1000]));
    reconcile(this.buttons, FAULTS.map((fault) => ({ ...fault, armed: armed.find((one) => one.name === fault.name) })), {
      key: (fault) => fault.name,
      signature: (fault) => JSON.stringify([fault.armed?.id, language()]),
      build: (fault) => this.row(fault),
    });
    const newest = incidents[0]?.n ?? 0;
    if (newest > (this.newest ?? newest)) this.node.parentElement?.scrollTo({ top: 0 });
    this.newest = newest;
    this.incidents = incidents;
    this.titles = titles;
    this.count();
  }

  showLedger() {
    reconcile(this.ledger, this.incidents ?? [], {
      key: (incident) => incident.n,
      signature: (incident) => JSON.stringify([incident, verdict(incident), this.titles.get(incident.chat), language()]),
      build: (incident) => row(incident, this.titles),
    });
  }

  row({ armed, ...fault }) {
    const press = () => (armed ? this.on.disarm(armed.id) : this.on.arm(fault));
    const state = h("span.fault-state", {}, armed ? t("armed") : t("arm"));
    if (armed) state.dataset.id = armed.id;
    return h("li", {}, h(
      "button.fault",
      { type: "button", "aria-pressed": String(Boolean(armed)), "data-testid": `fault-${fault.name}`, onclick: press },
      h("strong", {}, t(`fault_${fault.name}`)), state, h("small", {}, t(`faultWhy_${fault.name}`)),
    ));
  }

  /** What goes on by itself: the seconds that a silence still lasts, and who has given up trying. */
  count() {
    this.showLedger();
    for (const state of this.buttons.querySelectorAll("[data-id]")) {
      const end = this.ends?.get(Number(state.dataset.id));
      if (end) state.textContent = t("secondsLeft", { n: Math.max(0, Math.ceil((end - Date.now()) / 1000)) });
    }
  }
}

function row(incident, titles) {
  const what = incident.text ? `“${incident.text}”` : t(incident.method.startsWith("edit") ? "anEdit" : "aMessage");
  const end = verdict(incident);
  const since = (one) => t("secondsLater", { n: Math.round(one.at - incident.tries[0].at) });
  return h(
    `li.incident.${end.tone}`,
    { "data-testid": `incident-${incident.n}` },
    h("strong", {}, t(`fault_${incident.name}`, {}, incident.name || incident.method)),
    h("p.incident-what", {}, titles.get(incident.chat) ?? "", " · ", what),
    h("ol.tries", {}, incident.tries.map((one, i) => h("li", {}, h("span.since", {}, since(one)), became(one, i, incident)))),
    h("p.verdict", { "data-testid": "verdict" }, end.words),
  );
}

/** What became of one try. */
function became(one, i, incident) {
  const first = i === 0;
  if (one.accepted) return t(one.answered ? (first ? "tryArrived" : "tryAgainArrived") : "tryUnknown");
  if (/not modified/.test(one.said)) return t("tryUnchanged");
  const wait = /retry after (\d+)/.exec(one.said);
  if (wait) return t("tryWait", { n: wait[1] });
  return one.answered ? t("tryRefused", { why: one.said }) : t(`tryLost_${incident.kind}`);
}

/** What the guarantee says of it: once, twice where nobody could know, or still open. */
function verdict({ copies, tries }) {
  const last = tries.at(-1);
  const settled = last.answered && (last.accepted || /not modified/.test(last.said));
  if (copies > 2) return { tone: "bad", words: t("verdictMany", { n: copies }) };
  if (copies === 2) return { tone: settled ? "fair" : "open", words: t("verdictTwice") };
  const over = Date.now() / 1000 - last.at > PATIENCE;
  if (copies === 1 && settled) return { tone: "good", words: t("verdictOnce") };
  if (copies === 1) return over ? { tone: "good", words: t("verdictOnceUntold") } : { tone: "open", words: t("verdictUnknown") };
  return over ? { tone: "fair", words: t("verdictGone") } : { tone: "open", words: t("verdictWaiting") };
}

/** Which messages of `chat` are copies that Telegram has because of a fault: message id → word for the bubble. */
export function copiesIn(chat, incidents) {
  const marks = new Map();
  for (const { chat: where, method, tries } of incidents) {
    if (where !== chat || !method.startsWith("send")) continue;
    const there = tries.filter((one) => one.accepted && one.message_id);
    if (there.length > 1) there.forEach((one, i) => marks.set(one.message_id, i ? "copySecond" : "copyFirst"));
    else if (there.length && !there[0].answered) marks.set(there[0].message_id, "copyFirst");
  }
  return marks;
}
