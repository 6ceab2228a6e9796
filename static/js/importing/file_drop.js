// <file-drop>: a file that is dropped or chosen is sent in parts, and goes on after a reload.

import { make } from "../site/html.js";
import { forget, keep, kept } from "./kept_file.js";
import { Sending } from "./sending.js";

const sizes = ["B", "kB", "MB", "GB"];

function size(bytes) {
  let unit = 0;
  while (bytes >= 1000 && unit < sizes.length - 1) [bytes, unit] = [bytes / 1000, unit + 1];
  return `${bytes.toFixed(unit > 1 ? 1 : 0)} ${sizes[unit]}`;
}

function duration(seconds) {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}

class FileDrop extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.input = this.querySelector("input[type=file]");
    this.bar = this.querySelector("progress");
    this.input.addEventListener("change", () => this.take(this.input.files));
    this.querySelector("[data-cancel]").addEventListener("click", () => this.cancel());
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.classList.add("live");
    for (const name of ["dragenter", "dragover"]) document.addEventListener(name, this.over);
    for (const name of ["dragleave", "drop"]) document.addEventListener(name, this.out);
    this.goOn();
  }

  disconnectedCallback() {
    for (const name of ["dragenter", "dragover"]) document.removeEventListener(name, this.over);
    for (const name of ["dragleave", "drop"]) document.removeEventListener(name, this.out);
    this.sending?.stop();
  }

  // The whole page takes what is dropped: beside the frame it would open in place of the page.
  over = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.classList.add("over");
  };

  out = (event) => {
    if (event.type === "dragleave" && event.relatedTarget) return;
    this.classList.remove("over");
    if (event.type !== "drop" || !event.dataTransfer?.files.length) return;
    event.preventDefault();
    this.take(event.dataTransfer.files);
  };

  take(files) {
    if (this.sending) return;
    if (files.length > 1) this.fail("Several files: drop one at a time.");
    else if (files.length) this.send(files[0]);
  }

  // A file that was being sent when the page was left.
  async goOn() {
    const file = await kept(this.dataset.page);
    if (file && !this.sending) this.send(file);
  }

  async send(file) {
    if (!file.size) return this.fail("This file is empty.");
    if (file.size > Number(this.dataset.maxBytes)) {
      return this.fail(`${file.name} has ${size(file.size)}: expected at most ${size(this.dataset.maxBytes)}.`);
    }
    this.fail("");
    this.show(true);
    const token = this.form.elements.csrfmiddlewaretoken.value;
    const { begin, page, partBytes, query = "" } = this.dataset;
    const to = { begin, page, token, partBytes: Number(partBytes) };
    this.sending = new Sending(file, to, (now) => this.tell(file, now));
    try {
      await keep(page, file);
      const id = await this.sending.run();
      if (!id) return undefined;
      await forget(page);
      location.assign(`${page}${id}/${query}`);
    } catch (error) {
      await forget(page);
      this.show(false);
      this.fail(error.message);
    }
    this.sending = undefined;
    return undefined;
  }

  async cancel() {
    const sending = this.sending;
    this.sending = undefined;
    await forget(this.dataset.page);
    await sending?.abort();
    this.input.value = "";
    this.show(false);
    this.querySelector(".what").textContent = "";
  }

  tell(file, { sent, rate, isResumed }) {
    this.bar.value = (100 * sent) / file.size;
    const left = rate ? `, ${size(rate)} a second, about ${duration((file.size - sent) / rate)} left` : "";
    const what = this.querySelector(".what");
    what.replaceChildren(
      make("b", {}, file.name),
      `: ${size(sent)} of ${size(file.size)} sent${isResumed ? ", going on where it stopped" : ""}${left}`,
    );
  }

  show(isSending) {
    this.querySelector(".sending").hidden = !isSending;
    this.input.disabled = isSending;
    this.classList.toggle("busy", isSending);
  }

  fail(words) {
    const told = this.querySelector("p.error");
    told.textContent = words;
    told.hidden = !words;
  }
}

customElements.define("file-drop", FileDrop);
