// The control API of the sandbox server: one function for each thing a person can do, and the feed of changes.

const ROOT = "/sandbox/api/";

/** The server's refusal, with its sentence as message. */
export class Refused extends Error {}

/** The server could not be reached. */
export class Unreachable extends Error {}

async function call(method, path, body, signal) {
  let response;
  try {
    response = await fetch(ROOT + path, {
      method,
      signal,
      headers: body && !(body instanceof FormData) ? { "Content-Type": "application/json" } : {},
      body: body && !(body instanceof FormData) ? JSON.stringify(body) : body,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable(error.message);
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new Refused(answer?.error ?? answer?.description ?? response.statusText);
  return answer;
}

const get = (path, signal) => call("GET", path, undefined, signal);
const post = (path, body = {}) => call("POST", path, body);

export const state = (as) => get(as ? `state?as=${as}` : "state");
export const messages = (as, chat) => get(`chats/${chat}/messages?as=${as}`);
export const fileUrl = (fileId) => `${ROOT}files/${encodeURIComponent(fileId)}`;

export const newPerson = (firstName, languageCode) =>
  post("people", { first_name: firstName, language_code: languageCode });
export const newGroup = (as, title, members, type, is_forum) => post("groups", { as, title, members, type, is_forum });
export const addMember = (as, chat, user, payload) => post(`groups/${chat}/members`, { as, user, payload });
export const removeMember = (as, chat, user) => post(`groups/${chat}/remove`, { as, user });
export const leave = (as, chat) => post(`groups/${chat}/leave`, { as });
export const promote = (as, chat, user) => post(`groups/${chat}/promote`, { as, user });
export const demote = (as, chat, user) => post(`groups/${chat}/demote`, { as, user });
export const upgrade = (as, chat) => post(`groups/${chat}/upgrade`, { as });
export const start = (as, payload) => post("start", { as, payload });
export const block = (as) => post("block", { as });
export const unblock = (as) => post("unblock", { as });
export const say = (as, chat, text, replyTo, thread) =>
  post("messages", { as, chat, text, reply_to: replyTo, message_thread_id: thread });
export const vote = (as, chat, message, options) => post("votes", { as, chat, message, options });
export const newTopic = (as, chat, name) => post(`groups/${chat}/topics`, { as, name });
export const shareContact = (as, chat) => post("messages", { as, chat, contact: true });
export const shareLocation = (as, chat, location) => post("messages", { as, chat, location });
export const attach = (as, chat, file, caption) => {
  const form = new FormData();
  const kind = file.type === "image/png" || file.type === "image/jpeg" ? "photo" : "document";
  for (const [name, value] of Object.entries({ as, chat, caption, kind, file })) form.append(name, value);
  return call("POST", "documents", form);
};
export const tap = (as, chat, message, row, col) => post("taps", { as, chat, message, row, col, wait: 10 });
export const armFault = (fault) => post("faults", fault);
export const disarmFault = (id) => call("DELETE", `faults/${id}`);
export const forgetIncidents = () => call("DELETE", "incidents");
export const setClock = (now) => post("clock", { now });
export const moveClock = (seconds) => post("clock", { shift: seconds });

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// What changes nothing on the page; a tap's answer comes back with the tap.
const UNSEEN = new Set(["acknowledged", "tap", "answer", "action"]);

/**
 * Follow the feed for ever, from `seq` on: `onChange()` after changes that can be seen, `onLine(bool)` when the server is lost
 * or found. After a loss everything is read anew, because the server may have been started anew.
 */
export async function follow(seq, onChange, onLine) {
  let after = seq;
  let lost = false;
  for (;;) {
    try {
      const news = await get(`events?after=${after}&timeout=${lost ? 0 : 25}`);
      if (lost || news.reset || news.events.some((event) => !UNSEEN.has(event.kind))) await onChange();
      if (lost) onLine(true);
      lost = false;
      after = news.seq;
    } catch (error) {
      if (!lost) onLine(false);
      lost = true;
      await pause(1000);
    }
  }
}
