// Open interactions fetched before they are asked for, each parsed once.

const FRESH = 60_000; // milliseconds that one may be shown
const KEPT = 40;

const cache = new Map(); // by address: when it was asked for, its content and the promise of it
let asking = 0;
let free = () => {};

export function running() {
  return asking;
}

export function whenFree(act) {
  free = act;
}

// A judgement or a label changes what was fetched.
export function forget() {
  cache.clear();
}

// What was fetched of an address, if that was just now.
export function fresh(address) {
  const known = cache.get(address);
  return known && Date.now() - known.asked < FRESH ? known : null;
}

// What an address shows, from memory or the server; parsed once, and put in place as a copy.
export function fetched(address) {
  const known = fresh(address);
  if (known) return known.parsed;
  const entry = { asked: Date.now(), parsed: ask(address) };
  cache.delete(address);
  cache.set(address, entry);
  if (cache.size > KEPT) cache.delete(cache.keys().next().value);
  asking += 1;
  entry.parsed
    .then((content) => (entry.content = content))
    .catch(() => cache.delete(address)) // who waits for it is told; the next who wants it asks again
    .finally(() => {
      asking -= 1;
      free();
    });
  return entry.parsed;
}

async function ask(address) {
  const headers = { "HX-Request": "true", "HX-Target": "peek", "HX-Current-URL": location.href };
  const answer = await fetch(address, { headers });
  if (new URL(answer.url).pathname.endsWith("/login/")) location.reload(); // the session has ended
  if (!answer.ok) throw new Error(`The server answered ${answer.status}`);
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  return template.content;
}
