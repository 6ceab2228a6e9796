// Keys that act anywhere on a page. They are off while typing, in a dialog, and with modifiers.
// Pages add their own: `bind({ j: () => …, "?": () => …, "g i": () => … })`; a later one of a
// name wins. Of "g i" the second key has to follow soon.

const SOON = 1500; // milliseconds

const acts = new Map();
let early = null; // keys that nobody took while scripts that may bind them are on their way
let begun = ""; // the keys of a longer one so far, with a space behind
let begunAt = 0;

export function bind(keys) {
  for (const [key, act] of Object.entries(keys)) acts.set(key, act);
}

// Scripts that come late: what was pressed meanwhile is theirs.
export async function bindLate(...scripts) {
  early = [];
  await Promise.allSettled(scripts);
  const pressed = early;
  early = null;
  for (const event of pressed) acts.get(event.key)?.(event);
}

export function leave(event) {
  early?.push(event);
}

export function isTyping(target) {
  return Boolean(target.closest("input:not([type=checkbox], [type=radio]), textarea, select"));
}

function begins(typed) {
  return [...acts.keys()].some((key) => key.startsWith(`${typed} `));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Shift") return; // half of a capital
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const before = event.timeStamp - begunAt < SOON ? begun : "";
  const typed = acts.has(before + event.key) || begins(before + event.key) ? before + event.key : event.key;
  begun = begins(typed) ? `${typed} ` : "";
  begunAt = event.timeStamp;
  const act = acts.get(typed);
  if (!act && !begun) return leave(event);
  event.preventDefault();
  if (act) act(event);
});
