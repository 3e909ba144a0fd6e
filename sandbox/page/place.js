// Where one is: the person, the chats open for each person, the panel, list or chat on a phone. It survives a reload.

const KEY = "sandbox.place";

/** {as, open: {<person>: {group, private, active}}, view: "list" | "chat", panel: the open one, null, or undefined before the first look} */
export const place = { as: null, open: {}, view: "list", panel: undefined, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };

/** The chats that are open for the person one is. */
export const opened = () => (place.open[place.as] ??= {});

/** Write the place down, and into the address, so that it can be shared between windows. */
export function keep(activeChat) {
  localStorage.setItem(KEY, JSON.stringify(place));
  history.replaceState(null, "", `#as=${place.as}${activeChat && place.view === "chat" ? `&chat=${activeChat.id}` : ""}`);
}

/** Take the person from the address; returns the chat named there, or null. */
export function fromHash() {
  const hash = new URLSearchParams(location.hash.slice(1));
  if (hash.has("as")) place.as = Number(hash.get("as"));
  return hash.has("chat") ? Number(hash.get("chat")) : null;
}
