// Keys of a page: `bind({ j: () => …, "g i": () => … })`; of one key the last binding wins.
// They are off while typing, in a dialog, and with modifiers.

const SOON = 1500; // milliseconds between the keys of a sequence

const actions = new Map();
const state = {
  early: null, // unbound keys, while scripts that may bind them load
  begun: "", // a sequence so far, with a space behind
  begunAt: 0,
};

export function bind(keys) {
  for (const [key, action] of Object.entries(keys)) actions.set(key, action);
}

// What is pressed while these scripts load waits for them.
export async function bindLate(...scripts) {
  state.early = [];
  await Promise.allSettled(scripts);
  const pressed = state.early;
  state.early = null;
  for (const event of pressed) actions.get(event.key)?.(event);
}

export function leave(event) {
  state.early?.push(event);
}

export function isTyping(target) {
  return Boolean(target.closest("input:not([type=checkbox], [type=radio]), textarea, select"));
}

function begins(typed) {
  return [...actions.keys()].some((key) => key.startsWith(`${typed} `));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Shift") return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const before = event.timeStamp - state.begunAt < SOON ? state.begun : "";
  const typed = actions.has(before + event.key) || begins(before + event.key) ? before + event.key : event.key;
  state.begun = begins(typed) ? `${typed} ` : "";
  state.begunAt = event.timeStamp;
  const action = actions.get(typed);
  if (!action && !state.begun) return leave(event);
  event.preventDefault();
  action?.(event);
});
