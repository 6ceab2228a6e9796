// Review of a dataset by keyboard: 1 approves, 2 rejects, e edits the answer, s skips, z undoes.

import { bind } from "../site/key_bindings.js";
import { bindKeys } from "../review/feedback_queue.js";
import { restore } from "./drafts.js";

bindKeys("12sz");
bind({
  e: () => {
    const edit = document.querySelector("#queue .edit");
    if (!edit) return "There is no answer to edit.";
    edit.open = true;
    edit.querySelector("textarea").focus();
  },
});

// Another card came.
document.addEventListener("queue:shown", () => restore());
