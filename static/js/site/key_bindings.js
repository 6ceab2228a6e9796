// Keys of a page: `bind({ j: () => …, "g i": () => … })`; of one key the last binding wins.
// They are off while typing, in a dialog, and with modifiers. A key is never silent: what an
// action returns as a text is said, and so is that a key does nothing. A key held down acts once, as it
// may write; only those that walk go on.

const SOON = 1500; // milliseconds between the keys of a sequence
const WALKING = ["j", "k"];

const actions = new Map();
const state = {
  early: null, // unbound keys, while scripts that may bind them load
  loading: 0, // how many calls of bindLate wait for their scripts
  begun: "", // a sequence so far, with a space behind
  begunAt: 0,
};

export function bind(keys) {
  for (const [key, action] of Object.entries(keys)) actions.set(key, action);
}

export const isBound = (key) => actions.has(key);

export function bindDigits(action) {
  bind(Object.fromEntries([..."123456789"].map((key) => [key, () => action(key)])));
}

// Loaded on first use.
export async function say(text) {
  (await import("./status_line.js")).say(text);
}

async function act(typed, event) {
  const said = await actions.get(typed)(event);
  if (typeof said === "string") say(said);
}

function sayNothing(typed) {
  say(`${typed} does nothing here. ? lists the keys.`);
}

function sayIfNothing(key) {
  if (key.length > 1 && !key.includes(" ")) return; // the browser's own, as Tab or an arrow
  if (key !== " ") say(`${key} does nothing here. ? lists the keys.`);
}

// What is pressed while these scripts load waits for them.
export async function bindLate(...scripts) {
  state.early ??= [];
  state.loading += 1;
  await Promise.allSettled(scripts);
  state.loading -= 1;
  if (state.loading) return; // the last to come does what was pressed
  const pressed = state.early;
  state.early = null;
  for (const event of pressed) {
    // What one of them has opened takes those after it.
    if (document.querySelector("dialog[open]")) pressAgain(event);
    else if (actions.has(event.key)) act(event.key, event);
    else sayIfNothing(event.key);
  }
}

function pressAgain({ key }) {
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}

// To scripts that are loading and may bind the key.
export function leave(event) {
  if (state.early) state.early.push(event);
  else sayIfNothing(event.key);
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
  if (event.repeat && !WALKING.includes(event.key)) {
    if (actions.has(event.key)) event.preventDefault();
    return;
  }
  const before = event.timeStamp - state.begunAt < SOON ? state.begun : "";
  const typed = actions.has(before + event.key) || begins(before + event.key) ? before + event.key : event.key;
  state.begun = begins(typed) ? `${typed} ` : "";
  state.begunAt = event.timeStamp;
  if (actions.has(typed)) act(typed, event);
  else if (before && !state.begun) return sayIfNothing(before + event.key);
  else if (!state.begun) return leave(event);
  event.preventDefault();
});
