// Review by keyboard: digits give feedback, or are typed where the metric is a number of any size.

import { bind } from "../site/key_bindings.js";
import { bindKeys } from "./feedback_queue.js";

bindKeys("sz");

const digit = (key) => () => {
  const button = document.querySelector(`#queue [data-key="${key}"]`);
  if (button) {
    button.click();
    return;
  }
  const field = document.querySelector("#queue .number");
  if (!field) return;
  field.focus();
  field.value = key;
};

bind({
  ...Object.fromEntries([..."0123456789"].map((key) => [key, digit(key)])),
  e: () => {
    const why = document.querySelector("#queue .why");
    if (!why) return;
    why.open = true;
    why.querySelector("textarea").focus();
  },
});
