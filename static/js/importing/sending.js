// One file on its way to the server, in parts; a part that fails is sent again a few times.

const ATTEMPTS = 5;
const AT_ONCE = 2;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Sending {
  // `to` has the addresses `begin` and `page`, the CSRF `token` and `partBytes`.
  constructor(file, to, tell) {
    Object.assign(this, { file, to, tell });
    this.stopping = new AbortController();
    this.place = `upload ${to.begin} ${file.name} ${file.size} ${file.lastModified}`;
  }

  get parts() {
    return Math.ceil(this.file.size / this.to.partBytes);
  }

  // Sends what is missing; the id of the upload, or nothing where it was stopped.
  async run() {
    const there = new Set(await this.begun());
    const missing = [];
    for (let number = 1; number <= this.parts; number += 1) if (!there.has(number)) missing.push(number);
    this.sent = this.bytes([...there]);
    this.fresh = 0;
    this.began = performance.now();
    this.isResumed = there.size > 0;
    this.tellHowFar();
    const sendSome = async () => {
      while (missing.length && !this.stopping.signal.aborted) await this.part(missing.shift());
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sendSome));
    if (this.stopping.signal.aborted) return "";
    this.forgetPlace();
    return this.id;
  }

  stop() {
    this.stopping.abort();
  }

  async abort() {
    this.stop();
    this.forgetPlace();
    if (this.id) await this.ask(`${this.to.begin}${this.id}/abort/`, { method: "POST" }).catch(() => {});
  }

  // The numbers of the parts that are there: of an earlier beginning, or none.
  async begun() {
    const earlier = localStorage.getItem(this.place);
    if (earlier) {
      const answer = await fetch(`${this.to.begin}${earlier}/`).catch(() => undefined);
      const status = answer?.ok && !answer.redirected ? await answer.json() : undefined;
      if (status?.total_parts_count === this.parts) {
        this.id = earlier;
        return status.completed_parts;
      }
    }
    const body = new URLSearchParams({
      name: this.file.name, size: this.file.size, total_parts_count: this.parts, content_type: this.file.type,
    });
    const status = await (await this.ask(this.to.begin, { method: "POST", body })).json();
    this.id = status.session_id;
    localStorage.setItem(this.place, this.id);
    return [];
  }

  async part(number) {
    const first = (number - 1) * this.to.partBytes;
    const body = this.file.slice(first, first + this.to.partBytes, "application/octet-stream");
    await this.ask(`${this.to.begin}${this.id}/parts/${number}/`, { method: "POST", body });
    this.sent += body.size;
    this.fresh += body.size;
    this.tellHowFar();
  }

  async ask(url, options, attempt = 1) {
    const headers = { "X-CSRFToken": this.to.token };
    const signal = url.endsWith("/abort/") ? undefined : this.stopping.signal;
    try {
      const answer = await fetch(url, { ...options, headers, signal });
      if (answer.redirected) throw new Error("The session has ended: log in again, then go on.");
      if (answer.ok) return answer;
      if (answer.status < 500 && answer.status !== 429) throw new Error(await reason(answer));
    } catch (error) {
      if (this.stopping.signal.aborted) return new Response("{}");
      if (!(error instanceof TypeError)) throw error; // what the server says will not change
    }
    if (attempt === ATTEMPTS) throw new Error("The server cannot be reached. Choose the file again to go on.");
    await pause(500 * 2 ** attempt);
    return this.ask(url, options, attempt + 1);
  }

  tellHowFar() {
    const seconds = (performance.now() - this.began) / 1000;
    const rate = seconds > 1 && this.fresh ? this.fresh / seconds : 0;
    this.tell({ sent: this.sent, rate, isResumed: this.isResumed });
  }

  bytes(numbers) {
    const last = this.file.size - (this.parts - 1) * this.to.partBytes;
    return numbers.reduce((all, number) => all + (number === this.parts ? last : this.to.partBytes), 0);
  }

  forgetPlace() {
    localStorage.removeItem(this.place);
  }
}

async function reason(answer) {
  const told = await answer.json().catch(() => undefined);
  return told?.error ?? `The server answered ${answer.status}.`;
}
