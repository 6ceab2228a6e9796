// The page of one record: j and k go to its neighbours, 1 approves, 2 rejects, e edits the answer.

import { request } from "../site/html.js";
import { bind, isTyping } from "../site/key_bindings.js";
import { restore } from "./drafts.js";
import { bindRecord } from "./record_keys.js";

const page = document.querySelector("#record-page");
const press = (selector, otherwise) => {
  const found = page.querySelector(selector);
  return found ? found.click() : otherwise;
};

bind({
  j: () => press("[rel=next]", "That was the last record."),
  k: () => press("[rel=prev]", "That was the first record."),
  1: () => press("[data-act=approve]", "You may not change this record."),
  2: () => press("[data-act=reject]", "You may not change this record."),
  Delete: () => press("[data-act=remove]", "You may not change this record."),
});
bindRecord();

document.body.addEventListener("records-changed", async () => {
  const answer = await request(location.href, { headers: { "HX-Request": "false" } });
  const now = new DOMParser().parseFromString(await answer.text(), "text/html");
  page.replaceChildren(...now.querySelector("#record-page").childNodes);
  htmx.process(page);
  restore(page);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isTyping(event.target)) event.target.blur();
});
