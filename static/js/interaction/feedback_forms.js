// The forms of feedback, sent one after the other in the order they were pressed. Their answers arrive
// wherever the person has gone meanwhile: htmx would drop what is pressed in a section while an answer is
// on its way to it, and forget the row of an interaction that is not open any more.

import { inOrder, request } from "../site/html.js";
import { noteSent, partsOf, put } from "./feedback_parts.js";

const sending = { last: Promise.resolve() };

// Once everything that was pressed is answered.
export const allSent = () => sending.last;

// page_frame.js says what went wrong, as of a request of htmx.
export function failed(verb, status) {
  const detail = { requestConfig: { verb }, xhr: { status } };
  htmx.trigger(document.body, status ? "htmx:responseError" : "htmx:sendError", detail);
}

async function send(address, body, headers) {
  const answer = await request(address, { method: "POST", body, headers, keepalive: true }).catch(() => null);
  if (!answer?.ok && answer?.status !== 422) return failed("post", answer?.status);
  if (answer.redirected) return; // to log in
  document.querySelector("#failure")?.remove();
  put(partsOf(await answer.text()));
  if (answer.ok) document.body.dispatchEvent(new Event("recount"));
}

// Before htmx, which is there for what is pressed before this script.
window.addEventListener(
  "submit",
  (event) => {
    const form = event.target.closest(".feedback form[hx-post]");
    if (!form) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const body = new FormData(form, event.submitter);
    const headers = { "HX-Current-URL": location.href };
    noteSent(form);
    form.ariaBusy = "true";
    sending.last = inOrder(() => send(form.action, body, headers))
      .catch((error) => {
        console.error(error);
        failed("post", 0);
      })
      .finally(() => (form.ariaBusy = null));
  },
  { capture: true },
);
