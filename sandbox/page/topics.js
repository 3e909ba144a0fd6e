// The topics of a forum: a bar to choose one of them, or all; what is written goes into the chosen one.
import { h } from "./dom.js";
import { opened } from "./place.js";
import { t } from "./words.js";

/** The message_thread_id that is chosen in this chat: a number, 0 for the general topic, null for all (and where there are none). */
export function chosenTopic(chat) {
  const chosen = opened().topics?.[chat.id] ?? null;
  const known = chosen === 0 || chat.topics?.some((topic) => topic.message_thread_id === chosen);
  return chat.is_forum && known ? chosen : null;
}

export function chooseTopic(chat, thread) {
  (opened().topics ??= {})[chat.id] = thread;
}

const threadOf = (message) => (message.is_topic_message || message.forum_topic_created ? message.message_thread_id ?? message.message_id : 0);

/** The messages of the chosen topic; in all of them each knows the name of its topic. */
export function inTopic(chat, messages) {
  if (!chat.is_forum) return messages;
  const chosen = chosenTopic(chat);
  if (chosen !== null) return messages.filter((message) => threadOf(message) === chosen);
  const names = new Map(chat.topics.map((topic) => [topic.message_thread_id, topic.name]));
  return messages.map((message) => ({ ...message, topic_name: names.get(threadOf(message)) }));
}

/** The bar of `chat`; `choose(thread)` and `create()` are called by its buttons. */
export function topicBar(chat, choose, create) {
  const chosen = chosenTopic(chat);
  const one = (thread, words) => h("button.topic", {
    type: "button", "aria-pressed": String(thread === chosen), "data-testid": `topic-${thread ?? "all"}`, "data-focus": `${thread}`, onclick: () => choose(thread),
  }, words);
  return h("div.topics", { role: "group", "aria-label": t("topics"), "data-testid": "topics" },
    one(null, t("allTopics")),
    one(0, t("generalTopic")),
    chat.topics.map((topic) => one(topic.message_thread_id, topic.is_closed ? t("closedTopic", { name: topic.name }) : topic.name)),
    h("button.topic.new-topic", { type: "button", "data-testid": "new-topic", "aria-label": t("newTopic"), title: t("newTopic"), onclick: create }, "＋"));
}
