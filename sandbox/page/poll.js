// A poll in a bubble: its answers to press, and once one has voted or it is closed, how many chose each.
import { h } from "./dom.js";
import { t } from "./words.js";

/** The node of a message's poll, or null; a press votes, a press on one's own choice takes it back. */
export function poll(message, scene) {
  const asked = message.poll;
  if (!asked) return null;
  const chosen = new Set(asked.chosen);
  const shown = chosen.size > 0 || asked.is_closed;
  const press = (i) => {
    const next = new Set(asked.allows_multiple_answers ? chosen : []);
    if (chosen.has(i)) next.delete(i);
    else next.add(i);
    scene.on.vote(message, [...next]);
  };
  const kind = asked.is_closed ? "pollClosed" : asked.is_anonymous ? "pollAnonymous" : "pollOpen";
  return h("div.poll", { role: "group", "aria-label": asked.question },
    h("strong", {}, asked.question),
    h("small", {}, `${t(kind)} · ${t("votes", { n: asked.total_voter_count })}`),
    h("ul", {}, asked.options.map((option, i) => h("li", {}, answer(message, option, i, { chosen: chosen.has(i), shown, asked, press })))));
}

function answer(message, option, i, { chosen, shown, asked, press }) {
  const share = asked.total_voter_count ? Math.round((100 * option.voter_count) / asked.total_voter_count) : 0;
  return h(
    "button.answer",
    {
      type: "button", "aria-pressed": String(chosen), disabled: asked.is_closed, "data-focus": `answer-${i}`,
      "data-testid": `answer-${message.message_id}-${i}`, onclick: () => press(i),
    },
    h("span.answer-mark", { "aria-hidden": "true" }, chosen ? "✓" : ""),
    h("span.answer-text", {}, option.text),
    shown ? h("span.share", {}, `${share}%`) : null,
    shown ? h("progress", { max: 100, value: share, "aria-hidden": "true" }) : null,
  );
}
