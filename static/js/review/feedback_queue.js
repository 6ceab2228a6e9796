// A queue that is judged one by one. What comes next is fetched ahead, so a verdict shows it at
// once; the verdict itself is sent behind, one after the other, and what the server then says of
// the queue replaces the status. Every control is a form or a link that works without this.

import { bind, isTyping } from "../site/key_bindings.js";

const AHEAD = 3; // of those to come
const ahead = new Map(); // address → promise of its card's HTML
let sending = Promise.resolve(); // the verdicts under way, in their order
let waiting = 0;

const card = () => document.querySelector("#card");

async function asked(address, part, options = {}) {
  const headers = { "HX-Request": "true", "HX-Target": part };
  const answer = await fetch(address, { ...options, headers });
  if (new URL(answer.url).pathname.endsWith("/login/")) location.reload(); // the session has ended
  return answer;
}

function parsed(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
}

const END = /[?&](at|pair)=end(&|$)/;
const isEnd = (address) => !address || END.test(address);

function prefetch(address, depth = AHEAD) {
  if (isEnd(address) || depth === 0) return;
  if (!ahead.has(address)) {
    ahead.set(address, asked(address, "card").then((answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.text();
    }));
  }
  ahead.get(address).then((html) => {
    const content = parsed(html);
    for (const picture of content.querySelectorAll("img")) new Image().src = picture.src;
    prefetch(content.querySelector("#card")?.dataset.next ?? "", depth - 1);
  }).catch(() => ahead.delete(address)); // asked for again when it is needed
}

function place(node) {
  const had = card().contains(document.activeElement);
  card().replaceWith(node);
  const top = node.getBoundingClientRect().top + scrollY;
  if (scrollY > top) scrollTo(0, Math.max(0, top - 8));
  if (had) node.focus({ preventScroll: true });
  prefetch(node.dataset.next);
}

function say(text) {
  document.querySelector("#queue .failure")?.remove();
  const note = document.createElement("p");
  note.className = "notice error failure";
  note.setAttribute("role", "alert");
  note.textContent = text;
  document.querySelector("#status").append(note);
}

// The address tells what is shown: at once for the person, in the history for Back.
async function show(address, { isBack = false } = {}) {
  if (isEnd(address)) {
    await sending;
    location.assign(address || location.pathname);
    return;
  }
  let html = await ahead.get(address)?.catch(() => null);
  ahead.delete(address);
  html ??= await asked(address, "card").then((answer) => answer.text());
  if (!isBack) history.pushState(null, "", address);
  place(parsed(html).querySelector("#card"));
}

async function send(form, body, from) {
  const answer = await asked(form.action, "queue", { method: "POST", body }).catch(() => null);
  const content = parsed((await answer?.text()) ?? "");
  const status = content.querySelector("#status");
  if (answer?.ok) {
    waiting -= 1;
    if (waiting === 0 && status) document.querySelector("#status").replaceWith(status);
    return;
  }
  // Not stored: back to it, saying why.
  waiting -= 1;
  await show(from);
  const refused = content.querySelector("#card");
  if (refused && answer.status === 422) place(refused);
  else say(`That verdict was not stored: the server ${answer ? `answered ${answer.status}` : "does not answer"}.`);
}

function give(form, button) {
  if (card().ariaBusy === "true") return; // pressed twice before the next came
  card().ariaBusy = "true";
  const body = new FormData(form, button);
  const { next } = card().dataset;
  const from = form.dataset.here;
  waiting += 1;
  const sent = sending.then(() => send(form, body, from));
  sending = sent;
  show(next);
}

async function undo(form) {
  await sending;
  const answer = await asked(form.action, "queue", { method: "POST", body: new FormData(form) });
  if (!answer.ok) {
    say(`Nothing was undone: the server answered ${answer.status}.`);
    return;
  }
  ahead.clear(); // what follows has changed
  history.pushState(null, "", answer.url);
  const content = parsed(await answer.text());
  document.querySelector("#queue").replaceWith(content.querySelector("#queue"));
  prefetch(card().dataset.next);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.queue === "give") give(form, event.submitter);
  else if (form.dataset.queue === "undo") undo(form);
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-queue=skip]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(link.getAttribute("href"));
});

addEventListener("popstate", () => {
  if (card()) show(location.search || "?", { isBack: true });
});

// Keys press what stands on the page: `data-key` says which.
export function bindKeys(keys) {
  const press = (key) => document.querySelector(`#queue [data-key="${key}"]`)?.click();
  bind(Object.fromEntries([...keys].map((key) => [key, () => press(key)])));
}

// Escape leaves a field, so that the keys act again.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isTyping(event.target) && event.target.closest("#queue")) event.target.blur();
});

if (card()) prefetch(card().dataset.next);
