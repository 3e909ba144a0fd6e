// "I am …": the people as chips, one of them chosen; arrow keys move the choice as in any radio group.
import { avatar, h, nameOf, reconcile } from "./dom.js";
import { language, t } from "./words.js";

const ADMINS = new Set(["creator", "administrator"]);
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Draw `people`; `roles` maps a person's id to the status in the open group; `choose(id)` is called on a choice. */
export function showPeople(box, people, as, roles, choose) {
  box.onkeydown = (event) => {
    const step = STEPS[event.key];
    if (!step || people.length < 2) return;
    event.preventDefault();
    const at = people.findIndex((person) => person.id === as);
    const next = people[(at + step + people.length) % people.length];
    choose(next.id);
    box.querySelector(`[data-key="${next.id}"]`)?.focus();
  };
  reconcile(box, people, {
    key: (person) => person.id,
    signature: (person) => JSON.stringify([person, person.id === as, roles.get(person.id), language()]),
    build: (person) => chip(person, person.id === as, roles.get(person.id), choose),
  });
  if (box.dataset.as !== String(as)) box.querySelector('[aria-checked="true"]')?.scrollIntoView({ inline: "nearest", block: "nearest" });
  box.dataset.as = as;
}

function chip(person, chosen, role, choose) {
  const name = nameOf(person);
  const label = role ? `${name} (${t("asRole", { role: t(role) })})` : name;
  return h(
    "button.chip",
    {
      type: "button", role: "radio", "aria-checked": String(chosen), tabindex: chosen ? 0 : -1, "aria-label": label,
      title: label, "data-testid": `person-chip-${person.id}`, onclick: () => choose(person.id),
    },
    h("span.chip-face", {}, avatar(person.id, name, { small: true }), ADMINS.has(role) ? h("span.star", { "aria-hidden": "true" }, "★") : null),
    h("span.chip-name", {}, name, ADMINS.has(role) ? h("small", {}, t(role)) : null),
  );
}
