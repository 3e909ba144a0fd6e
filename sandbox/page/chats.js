// The list of the chats of the person one currently is.
import { avatar, h, nameOf, reconcile, shortWhen } from "./dom.js";
import { serviceText, summary } from "./messages.js";
import { language, t } from "./words.js";

const KEY = "sandbox.seen";
const seen = JSON.parse(localStorage.getItem(KEY) ?? "{}");

/** Remember that `as` has seen `chat` up to its last message. */
export function markSeen(as, chat) {
  const place = `${as}:${chat.id}`;
  if (!chat.last || seen[place] === chat.last.message_id) return;
  seen[place] = chat.last.message_id;
  localStorage.setItem(KEY, JSON.stringify(seen));
}

const unread = (as, chat) =>
  Boolean(chat.last) && chat.last.from?.id !== as && (seen[`${as}:${chat.id}`] ?? 0) < chat.last.message_id;

/** Draw the list; `open` holds the ids of the chats on view. */
export function showChats(list, chats, { as, open, now, choose }) {
  reconcile(list, chats, {
    key: (chat) => chat.id,
    signature: (chat) =>
      JSON.stringify([chat.title, chat.last, chat.started, open.has(chat.id), unread(as, chat), as, shortWhen(chat.last?.date ?? 0, now), language()]),
    build: (chat) => row(chat, { as, open, now, choose }),
  });
}

function row(chat, { as, open, now, choose }) {
  const fresh = unread(as, chat) && !open.has(chat.id);
  return h(
    "li",
    {},
    h(
      "button.chat",
      { type: "button", "data-testid": `chat-${chat.id}`, "aria-current": open.has(chat.id) ? "true" : null, onclick: () => choose(chat) },
      avatar(chat.type === "private" ? chat.bot : chat.id, chat.title, { person: false }),
      h(
        "span.chat-words",
        {},
        h("span.chat-line", {}, h("strong", {}, chat.title), h("time", {}, chat.last ? shortWhen(chat.last.date, now) : "")),
        h("span.chat-line", {}, h("span.chat-last", {}, preview(as, chat)),
          fresh ? h("span.dot", { role: "img", "aria-label": t("hasNew") }) : null),
      ),
    ),
  );
}

function preview(as, chat) {
  if (!chat.last) return chat.type === "private" && !chat.started ? t("start") : t("emptyChat");
  if (serviceText(chat.last) || chat.type === "private") return summary(chat.last);
  const who = chat.last.from?.id === as ? t("draft") : nameOf(chat.last.from);
  return `${who}: ${summary(chat.last)}`;
}
