// Rows that came in since: how many, every few seconds; or the rows themselves, as they come.
// A stream is open only while its tab is seen: a browser has few connections to one server.

const SECONDS = [10, 30, 120]; // between two questions, the longer nobody is here
const IDLE = 60_000; // milliseconds without a sign of anybody, after which questions get rarer
const KEPT = 100; // rows that wait while the list must not move
const SHOWN = 300; // rows of the table; older ones are on the page after it
const RATE = 30_000; // milliseconds over which rows are counted for their rate

let lastSign = Date.now();
for (const sign of ["pointermove", "keydown", "wheel", "touchstart"]) {
  document.addEventListener(sign, () => (lastSign = Date.now()), { passive: true });
}

const results = document.querySelector("#results");
const peek = document.querySelector("#peek");
const number = new Intl.NumberFormat("en-GB");

class LiveRows extends HTMLElement {
  connectedCallback() {
    this.isNewestFirst = !results?.querySelector("th[aria-sort=ascending]");
    const { searchParams } = new URL(location.href);
    this.isFirstPage = !searchParams.has("before") && !searchParams.has("after");
    if (!results || !this.isNewestFirst || !this.isFirstPage) return;
    this.hidden = false;
    this.said = this.querySelector(".said");
    this.pill = this.querySelector(".new");
    this.waiting = [];
    this.more = 0;
    this.arrivals = [];
    this.left = new AbortController();
    const when = (target, names, act) => {
      for (const name of names) target.addEventListener(name, act, { signal: this.left.signal });
    };
    when(document, ["visibilitychange"], () => this.see());
    when(results, ["pointerenter", "pointerleave", "focusin", "focusout"], () => setTimeout(() => this.show()));
    when(document.body, ["htmx:afterSettle"], () => this.show());
    this.clock = setInterval(() => this.tick(), 1000);
    this.asked = Date.now();
    this.see();
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

  // The list's own address, with what is new after.
  query(more = {}) {
    const asked = new URLSearchParams(location.search);
    for (const name of ["before", "after", "open"]) asked.delete(name);
    for (const [name, value] of Object.entries(more)) if (value) asked.set(name, value);
    return asked;
  }

  see() {
    if (document.hidden) {
      this.source?.close();
      this.source = null;
    } else if (this.isLive) this.listen();
    else if (Date.now() - this.asked > SECONDS[0] * 1000) this.ask();
  }

  tick() {
    if (document.hidden) return;
    if (this.source) return this.say();
    const idle = Date.now() - lastSign;
    const seconds = SECONDS[idle < IDLE ? 0 : idle < 5 * IDLE ? 1 : 2];
    if (Date.now() - this.asked >= seconds * 1000) this.ask();
  }

  async ask() {
    this.asked = Date.now();
    const address = `${this.dataset.new}?${this.query({ after: this.newest })}`;
    let said = "";
    try {
      const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal: this.left.signal });
      if (!answer.ok || new URL(answer.url).pathname.endsWith("/login/")) return;
      said = (await answer.text()).trim();
    } catch {
      return; // the server is away, or the rows are; it is asked again
    }
    this.pill.textContent = said;
    this.pill.hidden = !said;
  }

  listen() {
    if (this.source) return;
    const asked = this.query({ project: this.dataset.project, after: this.newest });
    const source = new EventSource(`${this.dataset.stream}?${asked}`);
    this.source = source;
    source.addEventListener("rows", (event) => this.hear(event));
    source.addEventListener("open", () => this.say());
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED) return this.say(); // it tries again by itself
      this.source = null;
      this.hasEnded = true; // refused: too many streams, or no longer ours to read
      this.say();
    });
  }

  hear({ data, lastEventId }) {
    const { rows, more } = JSON.parse(data);
    const waiting = new Set(this.waiting.map(({ id }) => id));
    const fresh = rows.filter(({ id }) => !waiting.has(id) && !document.getElementById(`row-${id}`));
    const now = Date.now();
    for (let i = 0; i < fresh.length + more; i += 1) this.arrivals.push(now);
    this.last = lastEventId > (this.last ?? "") ? lastEventId : this.last;
    this.waiting.unshift(...fresh);
    this.more += more + this.waiting.splice(KEPT).length;
    this.show();
  }

  get isHeld() {
    const { activeElement } = document;
    const isReading = activeElement !== results && results.contains(activeElement);
    return results.matches(":hover") || isReading || peek.childElementCount > 0;
  }

  show() {
    if (!this.isLive || !this.isConnected) return;
    if (this.waiting.length && !this.isHeld) this.insert();
    this.say();
  }

  insert() {
    const body = results.querySelector(".rows tbody");
    if (!body) { // nothing matched until now
      this.waiting = [];
      htmx.ajax("GET", `${location.pathname}?${this.query()}`, "#results");
      return;
    }
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

  // What goes at the end is found on the next page.
  trim(body) {
    const older = results.querySelector(".pager a[rel=next]");
    if (!older || body.rows.length <= SHOWN) return;
    while (body.rows.length > SHOWN) body.rows[body.rows.length - 1].remove();
    const address = new URL(older.href);
    address.searchParams.set("before", body.rows[body.rows.length - 1].id.slice("row-".length));
    older.href = address.search;
  }

  say() {
    if (!this.isLive) return;
    const now = Date.now();
    this.arrivals = this.arrivals.filter((at) => now - at < RATE);
    const said = [];
    if (this.hasEnded) said.push("not live: the server takes no more streams, or you may not read this");
    else if (this.source?.readyState === EventSource.CONNECTING) said.push("connecting");
    if (this.waiting.length) said.push(`paused, ${number.format(this.waiting.length)} waiting`);
    else if (!this.hasEnded && this.isHeld) said.push("paused");
    if (this.arrivals.length) said.push(`${number.format(this.arrivals.length)} in ${RATE / 1000} s`);
    const text = said.join(", ");
    if (this.said.textContent !== text) this.said.textContent = text;
    this.pill.hidden = !this.more;
    this.pill.textContent = this.more ? `and ${number.format(this.more)} more` : "";
  }
}

customElements.define("live-rows", LiveRows);
