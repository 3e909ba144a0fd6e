// The sandbox's page: who one is, which chats are open, and the way from a click to the server and back.
//
// Hooks for browser tests (data-testid), stable on purpose:
//   person-chip-<id>  new-person  person-name  person-language  new-person-form-submit
//   chat-list  chat-<id>  new-group  group-title  group-super  group-forum  group-basic  new-group-form-submit  topic-name
//   pane-group  pane-private, in each: messages  message-<id>  button-<message>-<row>-<col>  answer-<message>-<i>  document-download
//     topics  topic-<thread>  new-topic  composer  send  attach  attach-file  command-button  command-menu  command-<name>  reply-keyboard  start  unblock  pinned  back
//     to-bottom  chat-info
//   chat-info-window  member-<id>  promote-<id>  demote-<id>  kick-<id>  add-<id>  upgrade  leave  block  dialog-close
//   latitude  longitude  location-form-submit  pick-group  pick-<chat>  outside-link
//   guide-button  guide  step-<id>  guide-do  guide-fill  guide-end
//   clock-now  clock-next  clock-plus-<seconds>  clock-amount  clock-unit  clock-go
//   faults-button  panel-close  fault-desk  fault-<name>  incidents  incident-<n>  verdict  forget-incidents  copy
//   toast  failure  alert  alert-ok  announcer  offline  language
import * as api from "./api.js";
import { markSeen, showChats } from "./chats.js";
import { Clock } from "./clock.js";
import { copiesIn, Desk } from "./desk.js";
import { askGroup, askLocation, askPerson, askTopic, showGroup, showPrivate, toast } from "./dialogs.js";
import { fullTime, nameOf } from "./dom.js";
import { Guide } from "./guide.js";
import { summary } from "./messages.js";
import { Pane } from "./pane.js";
import { Panel } from "./panel.js";
import { showPeople } from "./people.js";
import { fromHash, keep, opened, place } from "./place.js";
import { Tapping } from "./tapping.js";
import { fillWords, language, locale, switchLanguage, t } from "./words.js";

const byId = (id) => document.getElementById(id);
const isPrivate = (chat) => chat.type === "private";

let data = null; // the server's last answer to `state`
const shown = new Map(); // chat id → its messages, as last read
let reading = null;
let again = false;

const tapping = new Tapping({ data: () => data, as: () => place.as, act, openChat });
const panes = { group: new Pane(byId("pane-group"), paneActions()), private: new Pane(byId("pane-private"), paneActions()) };
const clock = new Clock(byId("clock"), moveClock);
const desk = new Desk({
  arm: ({ name, method, action, times, seconds }) => act(() => api.armFault({ name, method, action, times, seconds })),
  disarm: (id) => act(() => api.disarmFault(id)),
  forget: () => act(api.forgetIncidents),
});
const guide = new Guide({
  data: () => data, now: () => clock.now(), messages: (chat) => shown.get(chat.id) ?? [], become, openChat, act,
  fill: (text) => panes.group.composer.fill(text),
  tap: (...tap) => tapping.pressed(...tap),
});
const panel = new Panel(byId("panel"), { guide: byId("guide-button"), faults: byId("faults-button") }, {
  guide: { title: "guide", node: guide.node },
  faults: { title: "faults", node: desk.node },
}, () => {
  remember();
  draw();
});

function paneActions() {
  return {
    send: (chat, text, replyTo, thread) => act(() => api.say(place.as, chat.id, text, replyTo, thread)),
    topic: () => (remember(), draw()),
    vote: (chat, message, options) => act(() => api.vote(place.as, chat.id, message.message_id, options)),
    newTopic: (chat) => askTopic((name) => act(() => api.newTopic(place.as, chat.id, name))),
    attach: (chat, file, caption) => act(() => api.attach(place.as, chat.id, file, caption)),
    contact: (chat) => act(() => api.shareContact(place.as, chat.id)),
    location: (chat) => askLocation((location) => act(() => api.shareLocation(place.as, chat.id, location))),
    start: () => act(() => api.start(place.as)),
    unblock: () => act(() => api.unblock(place.as).then(() => api.start(place.as))),
    press: (...tap) => tapping.pressed(...tap),
    link: (url) => tapping.followLink(url),
    info: chatInfo,
    back: () => {
      place.view = "list";
      remember();
      draw();
      document.querySelector('[aria-current="true"]')?.focus();
    },
  };
}

const chatOf = (kind) => data.chats.find((chat) => chat.id === opened()[kind]);
const users = () => new Map([...data.people, ...data.bots].map((user) => [user.id, user]));

const remember = () => keep(chatOf(opened().active));

/** Do something on the server, show its refusal if it refuses, and draw what came of it. Resolves to true if it was done. */
async function act(deed) {
  try {
    const result = await deed();
    await refresh();
    return result ?? true;
  } catch (error) {
    toast(t("failed", { reason: error.message }), "failure");
    return false;
  }
}

/** Read anew and draw; calls that come while one is under way are answered together by the next. */
function refresh() {
  if (reading) {
    again = true;
    return reading;
  }
  reading = (async () => {
    do {
      again = false;
      await readAndDraw();
    } while (again);
  })().finally(() => {
    reading = null;
  });
  return reading;
}

async function readAndDraw() {
  const { as } = place;
  const fresh = await api.state(as);
  if (!fresh.people.some((person) => person.id === as)) {
    place.as = fresh.people[0]?.id ?? null;
    if (place.as !== as) again = true;
    if (again) return;
  }
  data = fresh;
  settleOpenChats();
  const open = ["group", "private"].map(chatOf).filter(Boolean);
  const lists = await Promise.all(open.map((chat) => api.messages(as, chat.id)));
  if (place.as !== as) {
    again = true;
    return;
  }
  open.forEach((chat, i) => {
    announce(chat, lists[i]);
    shown.set(chat.id, lists[i]);
  });
  clock.set(fresh.now, fresh.hints.coming);
  draw();
}

/** Something is always open: the first group and the first private chat, until the person chooses; a moved group is followed. */
function settleOpenChats() {
  const open = opened();
  for (const kind of ["group", "private"]) {
    if (chatOf(kind)) continue;
    const moved = data.chats.find((chat) => open[kind] && chat.migrated_from === open[kind]);
    open[kind] = (moved ?? data.chats.find((chat) => (kind === "private") === isPrivate(chat)))?.id ?? null;
  }
  if (!chatOf(open.active)) open.active = chatOf("group") ? "group" : "private";
}

function announce(chat, messages) {
  const known = shown.get(chat.id);
  if (!known || panes.group.as !== place.as) return;
  const last = known.at(-1)?.message_id ?? 0;
  for (const message of messages) {
    if (message.message_id <= last || message.from?.id === place.as) continue;
    const line = document.createElement("p");
    line.textContent = t("newMessage", { name: nameOf(message.from), text: summary(message) });
    byId("announcer").append(line);
  }
  while (byId("announcer").childElementCount > 20) byId("announcer").firstChild.remove();
}

function draw() {
  if (!data) return;
  drawWords();
  document.body.dataset.view = place.view;
  document.body.dataset.active = opened().active;
  const now = clock.now();
  const roles = new Map((chatOf("group")?.members ?? []).map((member) => [member.user_id, member.status]));
  showPeople(byId("people"), data.people, place.as, roles, become);
  drawPanel();
  for (const kind of ["group", "private"]) drawPane(kind, now);
  const visible = new Set(["group", "private"].filter(isVisible).map((kind) => opened()[kind]));
  for (const chat of data.chats) if (visible.has(chat.id)) markSeen(place.as, chat);
  showChats(byId("chats"), data.chats, { as: place.as, open: visible, now, choose: (chat) => openChat(chat, true) });
  guide.show();
}

function drawPanel() {
  const { guide: told } = data.hints;
  if (place.panel === undefined && told) place.panel = told.next ? "guide" : null; // a newcomer's first look
  byId("guide-button").hidden = !told;
  const titles = new Map(data.chats.map((chat) => [chat.id, chat.title]));
  for (const person of data.people) if (person.id !== place.as) titles.set(person.id, nameOf(person));
  desk.show(data.faults, data.incidents, titles);
  panel.show();
  byId("faults-button").classList.toggle("armed", data.faults.length > 0);
}

const isVisible = (kind) => panes[kind].section.checkVisibility();

function drawPane(kind, now) {
  const chat = chatOf(kind);
  if (chat && shown.has(chat.id)) panes[kind].show(place.as, chat, shown.get(chat.id), now, copiesIn(chat.id, data.incidents));
  else if (!chat) panes[kind].clear(kind === "group" ? t("emptyGroup", { name: nameOf(users().get(place.as)) }) : t("emptyPick"));
}

let wordsIn = null;

function drawWords() {
  if (wordsIn === language()) return;
  wordsIn = language();
  document.documentElement.lang = locale();
  document.title = t("title");
  fillWords(document);
  byId("language").textContent = language() === "zh" ? "EN" : "中文";
  byId("language").setAttribute("aria-label", language() === "zh" ? "English" : "中文");
  byId("language").lang = language() === "zh" ? "en" : "zh-CN";
  byId("offline").textContent = t("offline");
}

async function become(person) {
  if (person === place.as) return;
  place.as = person;
  shown.clear();
  await act(() => true);
  remember();
}

async function openChat(chat, focus = false) {
  const kind = isPrivate(chat) ? "private" : "group";
  opened()[kind] = chat.id;
  opened().active = kind;
  place.view = "chat";
  await act(() => true);
  remember();
  if (focus && matchMedia("(hover: hover)").matches) panes[kind].composer.focus(); // no keyboard over a phone's screen
}

function chatInfo(chat) {
  if (isPrivate(chat)) return showPrivate(chat, (verb) => act(() => api[verb](place.as)));
  const inside = new Set(chat.members.map((member) => member.user_id));
  const others = [...users().values()].filter((user) => !inside.has(user.id));
  const deeds = {
    add: (user) => api.addMember(place.as, chat.id, user),
    kick: (user) => api.removeMember(place.as, chat.id, user),
    promote: (user) => api.promote(place.as, chat.id, user),
    demote: (user) => api.demote(place.as, chat.id, user),
    leave: () => api.leave(place.as, chat.id),
    upgrade: () => api.upgrade(place.as, chat.id),
  };
  return showGroup({ chat, as: place.as, users: users(), others }, (verb, user) => act(() => deeds[verb](user)));
}

async function moveClock(seconds, to) {
  if (await act(() => (to ? api.setClock(to) : api.moveClock(seconds)))) toast(t("clockMoved", { when: fullTime(clock.now()) }), "toast", "clock");
}

byId("language").onclick = () => {
  switchLanguage();
  clock.set(clock.now(), data?.hints.coming);
  draw();
};

byId("new-person").onclick = () => askPerson(async (name, code) => {
  const person = await act(() => api.newPerson(name, code));
  if (person) await become(person.id);
  return Boolean(person);
});

byId("new-group").onclick = () => {
  const candidates = [...data.bots, ...data.people.filter((person) => person.id !== place.as)];
  askGroup(candidates, async (...wishes) => {
    const chat = await act(() => api.newGroup(place.as, ...wishes));
    if (chat) await openChat(data.chats.find((one) => one.id === chat.id));
    return Boolean(chat);
  });
};

addEventListener("resize", draw);
addEventListener("hashchange", async () => {
  const chat = fromHash();
  await act(() => true);
  await openNamed(chat);
});

/** Open the chat of the address, if this person has it. */
async function openNamed(id) {
  const chat = data.chats.find((one) => one.id === id);
  if (chat) await openChat(chat);
  else remember();
}

async function begin() {
  drawWords();
  const wanted = fromHash();
  const { seq } = await api.state(place.as);
  await refresh();
  await openNamed(wanted);
  api.follow(seq, refresh, (online) => {
    byId("offline").hidden = online;
  });
}

begin().catch((error) => {
  byId("offline").hidden = false;
  throw error;
});
