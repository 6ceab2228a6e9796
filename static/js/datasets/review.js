// Review of a dataset by keyboard: 1 approves, 2 rejects, e edits the answer, s skips, z undoes.

import { bind } from "../site/key_bindings.js";
import { bindKeys } from "../review/feedback_queue.js";

bindKeys("12sz");
bind({
  e: () => {
    const edit = document.querySelector("#queue .edit");
    if (!edit) return "There is no answer to edit.";
    edit.open = true;
    edit.querySelector("textarea").focus();
  },
});

// An answer is kept anew only where somebody has written in it.
document.addEventListener("input", ({ target }) => {
  const edited = target.matches?.("#queue .edit textarea") && target.form.elements.edited;
  if (edited) edited.value = "1";
});
