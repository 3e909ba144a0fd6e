// Where a link leads: to the bot's private chat, into a group, or out of the sandbox.

/**
 * Read `url` as Telegram's program does, for the bot called `username`. Returns {kind: "start" | "startgroup", payload},
 * {kind: "profile", user} or {kind: "outside"}.
 */
export function readLink(url, username) {
  let parsed;
  try {
    parsed = new URL(/^[a-z]+:/i.test(url) ? url : `https://${url}`);
  } catch {
    return { kind: "outside" };
  }
  const { searchParams: query } = parsed;
  if (parsed.protocol === "tg:" && target(parsed) === "user") return { kind: "profile", user: Number(query.get("id")) };
  if (!leadsTo(parsed, username)) return { kind: "outside" };
  if (query.has("startgroup")) return { kind: "startgroup", payload: query.get("startgroup") };
  return { kind: "start", payload: query.get("start") };
}

// Programs differ in whether "resolve" of tg://resolve is the host or the path.
const target = (parsed) => parsed.hostname || parsed.pathname.replace(/\//g, "");

function leadsTo(parsed, username) {
  const same = (name) => name?.toLowerCase() === username.toLowerCase();
  if (parsed.protocol === "tg:") return target(parsed) === "resolve" && same(parsed.searchParams.get("domain"));
  return /^(www\.)?(t\.me|telegram\.me|telegram\.dog)$/.test(parsed.hostname) && same(parsed.pathname.split("/")[1]);
}
