// Interactions fetched before somebody opens them, each parsed once.

import { ahead, fetchPart } from "../site/html.js";

const AT_ONCE = 2; // leaves the server to what was asked for
const MAX_AGE = 60_000; // milliseconds that an answer may be shown
const MAX_KEPT = 40;

export class Prefetcher {
  answers = new Map(); // by URL: when asked for, the promise, then the content
  queue = [];
  running = 0;

  constructor(root, whenFree) {
    this.root = root;
    this.whenFree = whenFree;
  }

  get isBusy() {
    return this.running > AT_ONCE;
  }

  recent(url) {
    const answer = this.answers.get(url);
    return answer && Date.now() - answer.askedAt < MAX_AGE ? answer : null;
  }

  // To be shown as a copy.
  fetch(url, headers = {}) {
    const recent = this.recent(url);
    if (recent) return recent.parsed;
    const answer = { askedAt: Date.now(), parsed: fetchParsed(url, headers) };
    this.answers.delete(url);
    this.answers.set(url, answer);
    if (this.answers.size > MAX_KEPT) this.answers.delete(this.answers.keys().next().value);
    this.running += 1;
    answer.parsed
      .then((content) => (answer.content = content))
      .catch(() => this.answers.delete(url)) // the caller is told, the next one asks again
      .finally(() => {
        this.running -= 1;
        this.whenFree();
        this.fetchQueued();
      });
    return answer.parsed;
  }

  // Instead of what is still queued.
  prefetch(urls) {
    this.queue = urls;
    this.fetchQueued();
  }

  fetchQueued() {
    while (this.running < AT_ONCE && this.queue.length) {
      this.fetch(this.queue.shift(), ahead(this.root)).catch(() => {}); // told if it is opened
    }
  }
}

async function fetchParsed(url, more) {
  const template = document.createElement("template");
  const headers = { ...more, "HX-Target": "open-interaction", "HX-Current-URL": location.href };
  template.innerHTML = await fetchPart(url, { headers });
  return template.content;
}
