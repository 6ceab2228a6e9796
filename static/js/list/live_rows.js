// New rows: how many, every few seconds; or, when live, the rows themselves as they come.
// A hidden tab has no stream: a browser has few connections to a server.

const SECONDS = [10, 30, 120]; // between two polls, the longer nobody is here
const IDLE = 60_000; // milliseconds without a sign of anybody
const WAITING = 100; // rows that wait while the list is held
const SHOWN = 300; // rows of the table; older ones are on the next page
const RATE = 30_000; // milliseconds over which the rate is counted

const lastSign = { at: Date.now() };
for (const sign of ["pointermove", "keydown", "wheel", "touchstart"]) {
  document.addEventListener(sign, () => (lastSign.at = Date.now()), { passive: true });
}

const results = document.querySelector("#results");
const panel = document.querySelector("#open-interaction");
const number = new Intl.NumberFormat("en-GB");

class LiveRows extends HTMLElement {
  connectedCallback() {
    const shown = new URLSearchParams(location.search);
    const isOldestFirst = results?.querySelector("th[aria-sort=ascending]");
    if (!results || isOldestFirst || ["before", "after", "sort"].some((name) => shown.has(name))) return;
    this.hidden = false;
    this.note = this.querySelector(".said");
    this.pill = this.querySelector(".new");
    this.waiting = [];
    this.more = 0;
    this.arrivals = [];
    this.left = new AbortController();
    const when = (target, names, listener) => {
      for (const name of names) target.addEventListener(name, listener, { signal: this.left.signal });
    };
    when(document, ["visibilitychange"], () => this.follow());
    when(results, ["pointerenter", "pointerleave", "focusin", "focusout"], () => setTimeout(() => this.show()));
    when(document.body, ["htmx:afterSettle"], () => this.show());
    this.clock = setInterval(() => this.tick(), 1000);
    this.polled = Date.now();
    this.follow();
  }

  disconnectedCallback() {
    this.left?.abort();
    clearInterval(this.clock);
    this.source?.close();
  }

  get isLive() {
    return "isLive" in this.dataset;
  }

  get newest() {
    return this.last ?? results.querySelector(".rows tbody tr[id]")?.id.slice("row-".length);
  }

  // What all rows of the page have in common: columns without anything, which the table leaves out, and
  // labels, which it says once.
  get common() {
    const { empty = "", shared = "" } = results.querySelector(".rows")?.dataset ?? {};
    return { empty, shared };
  }

  // Whether what waits may stand among the rows: there are some, and as the stream was told.
  get areFit() {
    const { empty, shared } = this.common;
    const isAsTold = empty === this.told.empty && shared === this.told.shared;
    return isAsTold && !this.isUnfit && results.querySelector(".rows tbody") !== null;
  }

  // The list's query string, without its place.
  query(more = {}) {
    const query = new URLSearchParams(location.search);
    for (const name of ["before", "after", "open"]) query.delete(name);
    for (const [name, value] of Object.entries(more)) if (value) query.set(name, value);
    return query;
  }

  follow() {
    if (document.hidden) {
      this.source?.close();
      this.source = null;
    } else if (this.isLive) this.listen();
    else if (Date.now() - this.polled > SECONDS[0] * 1000) this.poll();
  }

  tick() {
    if (document.hidden) return;
    if (this.source) return this.describe();
    const idle = Date.now() - lastSign.at;
    const seconds = SECONDS[idle < IDLE ? 0 : idle < 5 * IDLE ? 1 : 2];
    if (Date.now() - this.polled >= seconds * 1000) this.poll();
  }

  async poll() {
    this.polled = Date.now();
    const address = `${this.dataset.new}?${this.query({ after: this.newest })}`;
    let text = "";
    try {
      const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal: this.left.signal });
      if (!answer.ok || answer.redirected) return; // the session has ended
      text = (await answer.text()).trim();
    } catch {
      return; // the next poll asks again
    }
    this.pill.textContent = text;
    this.pill.hidden = !text;
  }

  listen() {
    if (this.source) return;
    this.told = this.common;
    const query = this.query({ project: this.dataset.project, after: this.newest, ...this.told });
    const source = new EventSource(`${this.dataset.stream}?${query}`);
    this.source = source;
    source.addEventListener("rows", (event) => this.receive(event));
    source.addEventListener("open", () => this.describe());
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED) return this.describe(); // it reconnects by itself
      this.source = null;
      this.hasEnded = true; // refused: too many streams, or no right to read
      this.describe();
    });
  }

  receive({ data, lastEventId }) {
    const { rows, more, fit } = JSON.parse(data);
    this.isUnfit ||= !fit;
    const waiting = new Set(this.waiting.map(({ id }) => id));
    const fresh = rows.filter(({ id }) => !waiting.has(id) && !document.getElementById(`row-${id}`));
    const now = Date.now();
    for (let i = 0; i < fresh.length + more; i += 1) this.arrivals.push(now);
    this.last = lastEventId > (this.last ?? "") ? lastEventId : this.last;
    this.waiting.unshift(...fresh);
    this.more += more + this.waiting.splice(WAITING).length;
    this.show();
  }

  get isHeld() {
    const { activeElement } = document;
    const isReading = activeElement !== results && results.contains(activeElement);
    return results.matches(":hover") || isReading || panel.childElementCount > 0;
  }

  show() {
    if (!this.isLive || !this.isConnected) return;
    if (this.waiting.length && !this.isHeld) this.insert();
    this.describe();
  }

  insert() {
    if (!this.areFit) {
      this.waiting = [];
      this.isUnfit = false;
      this.source?.close();
      this.source = null;
      htmx.ajax("GET", `${location.pathname}?${this.query()}`, "#results").then(() => {
        if (this.isConnected) this.follow();
      });
      return;
    }
    const body = results.querySelector(".rows tbody");
    const made = document.createElement("template");
    made.innerHTML = this.waiting.map(({ html }) => html).join("");
    const rows = [...made.content.children];
    body.prepend(...rows);
    for (const row of rows) {
      row.classList.add("fresh");
      htmx.process(row);
    }
    this.waiting = [];
    this.trim(body);
  }

  trim(body) {
    const older = results.querySelector(".pager a[rel=next]");
    if (!older || body.rows.length <= SHOWN) return;
    while (body.rows.length > SHOWN) body.rows[body.rows.length - 1].remove();
    const address = new URL(older.href);
    address.searchParams.set("before", body.rows[body.rows.length - 1].id.slice("row-".length));
    older.href = address.search;
  }

  describe() {
    if (!this.isLive) return;
    const now = Date.now();
    this.arrivals = this.arrivals.filter((at) => now - at < RATE);
    const parts = [];
    if (this.hasEnded) parts.push("not live: the server takes no more streams, or you may not read this");
    else if (this.source?.readyState === EventSource.CONNECTING) parts.push("connecting");
    if (this.waiting.length) parts.push(`paused, ${number.format(this.waiting.length)} waiting`);
    else if (!this.hasEnded && this.isHeld) parts.push("paused");
    if (this.arrivals.length) parts.push(`${number.format(this.arrivals.length)} in ${RATE / 1000} s`);
    const text = parts.join(", ");
    if (this.note.textContent !== text) this.note.textContent = text;
    this.pill.hidden = !this.more;
    this.pill.textContent = this.more ? `and ${number.format(this.more)} more` : "";
  }
}

customElements.define("live-rows", LiveRows);
