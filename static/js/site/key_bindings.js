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

function sayIfNothing({ key }) {
  if (key.length === 1 && key !== " ") sayNothing(key); // others are the browser's own, as Tab or an arrow
}

// What is pressed while these scripts load waits for them, and so does what is pressed after it.
export async function bindLate(...scripts) {
  state.early ??= [];
  state.loading += 1;
  await Promise.allSettled(scripts);
  state.loading -= 1;
  while (!state.loading && state.early?.length) { // the last to come does what was pressed
    const event = state.early.shift();
    // What one of them has opened takes those after it, as does a field it has led to.
    if (document.querySelector("dialog[open]")) pressAgain(event);
    else if (isTyping(document.activeElement)) type(event.key);
    else take(event, sayIfNothing);
    await new Promise((resolve) => setTimeout(resolve)); // an action may go on for a moment
  }
  if (!state.loading) state.early = null;
}

function pressAgain({ key }) {
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}

function type(key) {
  if (key.length > 1) return;
  const { activeElement: field } = document;
  field.setRangeText(key, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// To scripts that are loading and may bind the key.
export function leave(event) {
  if (state.early) state.early.push(event);
  else sayIfNothing(event);
}

export function isTyping(target) {
  return Boolean(target.closest("input:not([type=checkbox], [type=radio]), textarea, select"));
}

function begins(typed) {
  return [...actions.keys()].some((key) => key.startsWith(`${typed} `));
}

function take(event, otherwise) {
  const before = event.timeStamp - state.begunAt < SOON ? state.begun : "";
  const typed = actions.has(before + event.key) || begins(before + event.key) ? before + event.key : event.key;
  state.begun = begins(typed) ? `${typed} ` : "";
  state.begunAt = event.timeStamp;
  if (actions.has(typed)) act(typed, event);
  else if (before && !state.begun) return sayNothing(before + event.key);
  else if (!state.begun) return otherwise(event);
  event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Shift") return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (event.repeat && !WALKING.includes(event.key)) {
    if (actions.has(event.key)) event.preventDefault();
    return;
  }
  const isBehind = state.early?.length && (event.key.length === 1 || actions.has(event.key));
  if (!isBehind) return take(event, leave);
  state.early.push(event);
  if (actions.has(event.key)) event.preventDefault();
});
