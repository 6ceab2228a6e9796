// Keys of the record that is shown: 1 approves, 2 rejects, e edits its answer, Ctrl+Enter saves what was written.

import { bind } from "../site/key_bindings.js";
import "./drafts.js";

export const VERDICTS = { 1: "approve", 2: "reject" };

export function bindRecord() {
  bind({
    e: () => {
      const edit = document.querySelector(".record .edit");
      if (!edit) return "There is no answer to edit here.";
      edit.open = true;
      edit.querySelector("textarea").focus();
    },
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest?.(".record .edit form");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  });
}
