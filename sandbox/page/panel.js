// The panel beside the chats: the guide or the fault desk, opened by buttons of the top bar; which one survives a reload.
import { h } from "./dom.js";
import { place } from "./place.js";
import { t } from "./words.js";

export class Panel {
  /** `parts` = {<name>: {title, node}}, `title` a key of words.js; `changed()` is called when another one is opened or closed. */
  constructor(section, buttons, parts, changed) {
    Object.assign(this, { section, buttons, parts, changed });
    this.title = h("h2", { id: "panel-title", tabindex: -1 });
    this.close = h("button.round", { type: "button", "data-testid": "panel-close", onclick: () => this.toggle(place.panel) }, "✕");
    this.body = h("div.panel-body");
    section.setAttribute("aria-labelledby", "panel-title");
    section.append(h("div.panel-head", {}, this.title, this.close), this.body);
    section.addEventListener("keydown", (event) => event.key === "Escape" && this.toggle(place.panel));
    for (const [name, button] of Object.entries(buttons)) button.onclick = () => this.toggle(name);
  }

  toggle(name) {
    const was = place.panel;
    place.panel = was === name ? null : name;
    this.changed();
    if (place.panel) this.title.focus({ preventScroll: true });
    else this.buttons[was]?.focus();
  }

  show() {
    const part = this.buttons[place.panel]?.hidden ? null : this.parts[place.panel];
    this.section.hidden = !part;
    document.body.dataset.panel = place.panel ?? "";
    for (const [name, button] of Object.entries(this.buttons)) button.setAttribute("aria-expanded", String(name === place.panel));
    if (!part) return;
    this.title.textContent = t(part.title);
    this.close.setAttribute("aria-label", t("close"));
    if (this.body.firstChild !== part.node) this.body.replaceChildren(part.node);
  }
}
