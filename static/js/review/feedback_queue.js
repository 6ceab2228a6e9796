// A queue of interactions, or of pairs, that get feedback one by one. The next cards are
// prefetched and shown at once; feedback is sent behind, in its order, and the server's last answer
// replaces the status. Every control is a form or a link that works without scripts.

import { ahead, make, request, tellSeen } from "../site/html.js";
import { bind, isTyping } from "../site/key_bindings.js";

const DEPTH = 3; // cards that are prefetched
const cards = new Map(); // address → promise of its card's HTML
const sending = { last: Promise.resolve(), count: 0 }; // feedback on its way, in its order

const card = () => document.querySelector("#card");

const queue = () => document.querySelector("#queue");
const fetchCard = (address, headers) => request(address, { headers: { ...headers, "HX-Target": "card" } });
const post = ({ action }, body) => request(action, { method: "POST", body, headers: { "HX-Target": "queue" } });
const parsed = (html) => make("template", { innerHTML: html }).content;

const END = /[?&](at|pair)=end(&|$)/;
const isEnd = (address) => !address || END.test(address);

function prefetch(address, depth = DEPTH) {
  if (isEnd(address) || depth === 0) return;
  if (!cards.has(address)) {
    cards.set(address, fetchCard(address, ahead(queue())).then((answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.text();
    }));
  }
  cards.get(address).then((html) => {
    const content = parsed(html);
    for (const { src } of content.querySelectorAll("img")) new Image().src = src;
    prefetch(content.querySelector("#card")?.dataset.next ?? "", depth - 1);
  }).catch(() => cards.delete(address)); // fetched again when it is needed
}

function put(node) {
  const had = card().contains(document.activeElement);
  card().replaceWith(node);
  const top = node.getBoundingClientRect().top + scrollY;
  if (scrollY > top) scrollTo(0, Math.max(0, top - 8));
  if (had) node.focus({ preventScroll: true });
  prefetch(node.dataset.next);
  tell("shown");
}

// To scripts of one kind of queue.
function tell(what, detail) {
  document.dispatchEvent(new CustomEvent(`queue:${what}`, { detail }));
}

// What else on the page says a number that has changed.
function putBeside(content) {
  for (const one of content.querySelectorAll("[hx-swap-oob]")) {
    one.removeAttribute("hx-swap-oob");
    document.getElementById(one.id)?.replaceWith(one);
  }
}

function say(text) {
  document.querySelector("#queue .failure")?.remove();
  const note = make("p", { className: "notice error failure", role: "alert" }, text);
  document.querySelector("#status").append(note);
}

// The address says what is shown, for Back.
async function show(address, { isBack = false } = {}) {
  if (isEnd(address)) {
    await sending.last;
    location.assign(address || location.pathname);
    return;
  }
  let html = await cards.get(address)?.catch(() => null);
  cards.delete(address);
  const wasAhead = html;
  html ??= await fetchCard(address).then((answer) => answer.text());
  if (!isBack) history.pushState(null, "", address);
  put(parsed(html).querySelector("#card"));
  if (wasAhead) tellSeen(queue(), card().dataset.ids?.split(" ") ?? []);
}

async function send(form, body, from) {
  const answer = await post(form, body).catch(() => null);
  const content = parsed((await answer?.text()) ?? "");
  const status = content.querySelector("#status");
  sending.count -= 1;
  if (answer?.ok) {
    tell("stored", body);
    if (sending.count > 0 || !status) return;
    document.querySelector("#status").replaceWith(status);
    putBeside(content);
    return;
  }
  // Not stored: back to it, saying why.
  await show(from);
  const refused = content.querySelector("#card");
  if (refused && answer.status === 422) put(refused);
  else say(`That feedback was not stored: the server ${answer ? `answered ${answer.status}` : "does not answer"}.`);
}

function give(form, button) {
  if (card().ariaBusy === "true") return; // pressed twice before the next came
  card().ariaBusy = "true";
  const body = new FormData(form, button);
  const { next } = card().dataset;
  const from = form.dataset.here;
  sending.count += 1;
  sending.last = sending.last.then(() => send(form, body, from));
  show(next);
}

async function undo(form) {
  await sending.last;
  const answer = await post(form, new FormData(form));
  if (!answer.ok) {
    say(`Nothing was undone: the server answered ${answer.status}.`);
    return;
  }
  cards.clear(); // what follows has changed
  history.pushState(null, "", answer.url);
  const content = parsed(await answer.text());
  putBeside(content);
  document.querySelector("#queue").replaceWith(content.querySelector("#queue"));
  prefetch(card().dataset.next);
  tell("shown");
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
// All that the filter matches, to the builder of datasets.
bind({
  d: () => {
    const button = document.querySelector("[form=to-dataset]");
    return button ? button.click() : "You may not make datasets in this project.";
  },
});

export function bindKeys(keys) {
  const press = (key) => document.querySelector(`#queue [data-key="${key}"]`)?.click();
  bind(Object.fromEntries([...keys].map((key) => [key, () => press(key)])));
}

// Escape leaves a field, so that the keys work again.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isTyping(event.target) && event.target.closest("#queue")) event.target.blur();
});

if (card()) prefetch(card().dataset.next);
