// What was just done, said at the foot of the page; it goes by itself unless somebody is at it.

const STAYS = 15_000; // milliseconds; afterwards `z` and the page Activity still undo

const state = { timer: 0 };

function leave(toast) {
  if (toast.matches(":hover, :focus-within")) wait(toast);
  else toast.replaceChildren();
}

function wait(toast) {
  clearTimeout(state.timer);
  state.timer = setTimeout(leave, STAYS, toast);
}

export function shown(toast) {
  toast.querySelector(".close").addEventListener("click", () => toast.replaceChildren());
  wait(toast);
}
