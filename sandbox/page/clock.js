// The clock bar: the sandbox's time, going on by itself, what comes next, and the buttons that move it forward.
import { clockTime, fullTime, h, shortDay, yearOf } from "./dom.js";
import { language, locale, t } from "./words.js";

const STEPS = [[60, "minutes", 1], [900, "minutes", 15], [3600, "hours", 1], [86400, "days", 1], [604800, "weeks", 1]];
const UNITS = [[60, "unitMinutes"], [3600, "unitHours"], [86400, "unitDays"], [604800, "unitWeeks"]];

export class Clock {
  /** `move(seconds)` is called to move it, `move(seconds, to)` to move it to a moment in seconds since 1970. */
  constructor(section, move) {
    this.section = section;
    this.move = move;
    this.lead = 0;
    setInterval(() => this.tick(), 1000);
  }

  /** Seconds since 1970 in the sandbox. */
  now() {
    return Date.now() / 1000 + this.lead;
  }

  /** It is `now`; `coming` is what the bot says comes next, the earliest first: [{at, what}]. */
  set(now, coming = []) {
    this.coming = coming;
    this.lead = now - Date.now() / 1000;
    if (this.language !== language()) this.build();
    this.tick();
  }

  build() {
    this.language = language();
    this.face = h("time.face-time", { "data-testid": "clock-now" });
    this.next = h("button.next", { type: "button", hidden: true, "data-testid": "clock-next", onclick: () => this.toNext() });
    const steps = STEPS.map(([seconds, word, n]) => {
      const step = t(word, { n });
      return h("button.step", {
        type: "button", "data-testid": `clock-plus-${seconds}`, "aria-label": t("clockForward", { step }), onclick: () => this.move(seconds),
      }, `+${t(`${word}Short`, { n })}`);
    });
    this.section.replaceChildren(
      h("span.clock-face", {}, this.face, h("small", {}, t("clockZone"))),
      this.next,
      h("div.steps", {}, steps),
      this.free(),
    );
  }

  free() {
    const amount = h("input", { type: "number", min: 1, max: 999, value: 2, required: true, "aria-label": t("clockFree"), "data-testid": "clock-amount" });
    const unit = h("select", { "aria-label": t("clockUnit"), "data-testid": "clock-unit" },
      UNITS.map(([seconds, word]) => h("option", { value: seconds, selected: seconds === 3600 }, t(word))));
    const submit = (event) => {
      event.preventDefault();
      this.move(Number(amount.value) * Number(unit.value));
    };
    return h("form.free", { onsubmit: submit }, amount, unit,
      h("button.step", { type: "submit", "data-testid": "clock-go" }, t("clockGo")));
  }

  parts(now) {
    return [h("span.year", {}, yearOf(now)), " ", h("span.date", {}, shortDay(now)), " ", h("span.time", {}, clockTime(now))];
  }

  first() {
    return this.coming.find((one) => one.at > this.now());
  }

  /** Just past the moment, so that it happens. */
  toNext() {
    const next = this.first();
    if (next) this.move(next.at + 1 - this.now(), next.at + 1);
  }

  showNext() {
    const next = this.first();
    this.next.hidden = !next;
    if (!next) return;
    const what = next.what[locale() === "zh-CN" ? "zh-CN" : "en"];
    const words = t("inTime", { time: span(next.at - this.now()), what });
    if (this.next.title === words) return;
    this.next.title = words;
    this.next.setAttribute("aria-label", t("clockTo", { words }));
    this.next.replaceChildren(h("span.next-icon", { "aria-hidden": "true" }, "▸▸"), h("span.next-words", {}, words));
  }

  tick() {
    if (!this.face) return;
    this.showNext();
    const words = fullTime(this.now());
    if (this.face.title !== words) {
      this.face.title = words;
      this.face.replaceChildren(...this.parts(this.now()));
    }
    this.face.dateTime = new Date(this.now() * 1000).toISOString();
  }
}

/** How long that is, in the largest unit that leaves more than one. */
function span(seconds) {
  const [length, word] = [[86400, "days"], [3600, "hours"]].find(([unit]) => seconds >= 2 * unit) ?? [60, "minutes"];
  return t(`${word}Long`, { n: Math.max(1, Math.round(seconds / length)) });
}
