// What opens above the page: the toast and alert of a callback answer, the forms, the group's info.
import { avatar, h, nameOf } from "./dom.js";
import { t } from "./words.js";

const TOAST_TIME = 4500; // milliseconds

/** A short answer that goes away by itself; the next one about the same `matter` takes its place. */
export function toast(text, kind = "toast", matter = "") {
  const node = h("div.toast", { "data-testid": kind, "data-matter": matter }, text);
  const box = document.getElementById("toasts");
  if (matter) box.querySelectorAll(`[data-matter="${matter}"]`).forEach((before) => before.remove());
  box.append(node);
  if (box.matches(":popover-open")) box.hidePopover();
  box.showPopover(); // anew, so that it lies above a window opened since
  setTimeout(() => {
    node.remove();
    if (!box.childElementCount && box.matches(":popover-open")) box.hidePopover();
  }, Math.max(TOAST_TIME, text.length * 80));
}

/** A modal window; it gives itself away when closed, and focus returns to where it was. */
function modal({ title, testid, role = "dialog" }, ...content) {
  const heading = h("h2", { id: `dialog-${testid}` }, title);
  const node = h("dialog.sheet-window", { role, "aria-labelledby": heading.id, "data-testid": testid }, heading, ...content);
  const before = document.activeElement;
  node.addEventListener("click", (event) => {
    if (event.target === node) node.close();
  });
  node.addEventListener("close", () => {
    node.remove();
    if (before?.isConnected) before.focus();
  });
  document.body.append(node);
  node.showModal();
  return node;
}

const closeNearest = (event) => event.currentTarget.closest("dialog").close();

/** The answer of a callback that wants to be confirmed. */
export function showAlert(title, text) {
  const words = h("p.alert-text", { id: "alert-text" }, text);
  const ok = h("button.primary", { type: "button", autofocus: true, "data-testid": "alert-ok", onclick: closeNearest }, t("ok"));
  const node = modal({ title, testid: "alert", role: "alertdialog" }, words, h("div.actions", {}, ok));
  node.setAttribute("aria-describedby", "alert-text");
}

/** A link that leads out of the sandbox is shown before it is followed. */
export function showOutside(url) {
  const go = h("a.primary", { href: url, target: "_blank", rel: "noopener noreferrer", onclick: closeNearest }, t("open"));
  const no = h("button.plain", { type: "button", onclick: closeNearest }, t("cancel"));
  modal({ title: t("outsideLink"), testid: "outside-link" }, h("p.alert-text", {}, h("code", {}, url)), h("div.actions", {}, no, go));
}

/** A form in a window; `done(FormData)` may refuse by throwing, then the window stays. */
function form({ title, testid, submit }, fields, done) {
  const no = h("button.plain", { type: "button", onclick: closeNearest }, t("cancel"));
  const yes = h("button.primary", { type: "submit", "data-testid": `${testid}-submit` }, submit);
  const node = modal({ title, testid }, h("form.fields", {
    async onsubmit(event) {
      event.preventDefault();
      if (await done(new FormData(event.currentTarget))) node.close();
    },
  }, ...fields, h("div.actions", {}, no, yes)));
}

export function askPerson(done) {
  form({ title: t("newPerson"), testid: "new-person-form", submit: t("create") }, [
    h("label", {}, t("personName"), h("input", { name: "name", required: true, maxlength: 64, autofocus: true, "data-testid": "person-name" })),
    h("label", {}, t("personLanguage"), h("select", { name: "language", "data-testid": "person-language" },
      h("option", { value: "zh-hans" }, t("personLanguageZh")), h("option", { value: "en" }, t("personLanguageEn")))),
    h("p.note", {}, t("personLanguageNote")),
  ], (data) => done(data.get("name").trim(), data.get("language")));
}

export function askGroup(candidates, done) {
  form({ title: t("newGroup"), testid: "new-group-form", submit: t("create") }, [
    h("label", {}, t("groupTitle"), h("input", { name: "title", required: true, maxlength: 128, autofocus: true, "data-testid": "group-title" })),
    h("fieldset", {}, h("legend", {}, t("groupWith")), candidates.map((user) => h("label.pick", {},
      h("input", { type: "checkbox", name: "member", value: user.id, checked: true }), avatar(user.id, nameOf(user), { small: true, person: !user.is_bot }), botName(user)))),
    h("fieldset", {}, h("legend", {}, t("groupKind")), GROUP_KINDS.map(([kind, word], i) => h("label.pick", {},
      h("input", { type: "radio", name: "kind", value: kind, checked: i === 0, "data-testid": `group-${kind}` }), h("span", {}, t(word))))),
  ], (data) => {
    const kind = data.get("kind");
    return done(data.get("title").trim(), data.getAll("member").map(Number), kind === "basic" ? "group" : "supergroup", kind === "forum");
  });
}

const GROUP_KINDS = [["super", "groupSuper"], ["forum", "groupForum"], ["basic", "groupBasic"]];

export function askTopic(done) {
  form({ title: t("newTopic"), testid: "new-topic-form", submit: t("create") }, [
    h("label", {}, t("topicName"), h("input", { name: "name", required: true, maxlength: 128, autofocus: true, "data-testid": "topic-name" })),
  ], (data) => done(data.get("name").trim()));
}

const botName = (user) => h("span", {}, nameOf(user), user.is_bot ? h("span.badge", {}, t("bot")) : null);

/** Where a person says to be; nobody's real place is asked for. */
export function askLocation(done) {
  const number = (name, value, limit) => h("label", {}, t(name), h("input", {
    name, type: "number", step: "any", min: -limit, max: limit, value, required: true, "data-testid": name,
  }));
  form({ title: t("location"), testid: "location-form", submit: t("send") }, [
    number("latitude", 31.2304, 90), number("longitude", 121.4737, 180),
  ], (data) => done({ latitude: Number(data.get("latitude")), longitude: Number(data.get("longitude")) }));
}

/** Choose one of `groups` for the bot of a startgroup link. */
export function pickGroup(groups, choose) {
  const rows = groups.map((group) => h("li", {}, h("button.member-row", {
    type: "button", "data-testid": `pick-${group.id}`,
    onclick: (event) => {
      closeNearest(event);
      choose(group);
    },
  }, avatar(group.id, group.title, { small: true, person: false }), h("span", {}, group.title))));
  const list = rows.length ? h("ul.members", {}, rows) : h("p.note", {}, t("noOwnGroup"));
  modal({ title: t("pickGroup"), testid: "pick-group" }, list, closeRow());
}

const closeRow = () => h("div.actions", {}, h("button.plain", { type: "button", "data-testid": "dialog-close", onclick: closeNearest }, t("close")));

/**
 * The members of a group and what `as` may do there. `others` are not in it yet. `act(verb, user)` does it and resolves to
 * true; then the window closes.
 */
export function showGroup({ chat, as, users, others }, act) {
  const mayManage = ["creator", "administrator"].includes(chat.members.find((m) => m.user_id === as)?.status);
  const does = (verb, user) => async (event) => {
    const dialog = event.currentTarget.closest("dialog");
    if (await act(verb, user)) dialog.close();
  };
  const rows = chat.members.map((member) => memberRow(member, users.get(member.user_id), { as, mayManage, does }));
  modal(
    { title: chat.title, testid: "chat-info-window" },
    h("ul.members", { "aria-label": t("roles") }, rows),
    mayManage ? addList(others, does) : h("p.note", {}, t("needAdmin")),
    h("div.wide-actions", {},
      mayManage && chat.type === "group" ? button("upgrade", does("upgrade"), "upgrade", t("upgradeNote")) : null,
      button("leave", does("leave"), "leave", null, "danger-text")),
    closeRow(),
  );
}

function memberRow(member, user, { as, mayManage, does }) {
  const name = nameOf(user);
  const admin = member.status === "administrator";
  const can = mayManage && member.status !== "creator" && member.user_id !== as;
  return h(
    "li.member-row",
    { "data-testid": `member-${member.user_id}` },
    avatar(member.user_id, name, { small: true, person: !user.is_bot }),
    h("span.member-name", {}, botName(user), h("small", {}, t(member.status), member.user_id === as ? ` · ${t("you")}` : "")),
    can ? button(admin ? "demote" : "promote", does(admin ? "demote" : "promote", member.user_id), `${admin ? "demote" : "promote"}-${member.user_id}`) : null,
    can ? button("kick", does("kick", member.user_id), `kick-${member.user_id}`, null, "danger-text") : null,
  );
}

function addList(others, does) {
  if (!others.length) return h("p.note", {}, t("everyoneIn"));
  return h("section", {}, h("h3", {}, t("addToGroup")), h("ul.members", {}, others.map((user) => h(
    "li.member-row", {}, avatar(user.id, nameOf(user), { small: true, person: !user.is_bot }), h("span.member-name", {}, botName(user)),
    button("add", does("add", user.id), `add-${user.id}`),
  ))));
}

function button(word, onclick, testid, title = null, kind = "accent") {
  return h(`button.quiet.${kind}`, { type: "button", onclick, title, "data-testid": testid }, t(word));
}

/** The private chat's menu: block or unblock the bot. */
export function showPrivate(chat, act) {
  const verb = chat.blocked ? "unblock" : "block";
  const does = async (event) => {
    const dialog = event.currentTarget.closest("dialog");
    if (await act(verb)) dialog.close();
  };
  modal({ title: chat.title, testid: "chat-info-window" },
    h("div.wide-actions", {}, button(verb, does, verb, null, chat.blocked ? "accent" : "danger-text")), closeRow());
}
