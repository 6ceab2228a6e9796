// Keys that act anywhere on a page. They are off while typing, in a dialog, and with modifiers.
// Pages add their own: `bind({ j: () => …, "?": () => … })`; a later one of a name wins.

const acts = new Map();

export function bind(keys) {
  for (const [key, act] of Object.entries(keys)) acts.set(key, act);
}

export function isTyping(target) {
  return Boolean(target.closest("input:not([type=checkbox], [type=radio]), textarea, select"));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const act = acts.get(event.key);
  if (!act) return;
  event.preventDefault();
  act(event);
});
