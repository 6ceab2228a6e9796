// The interactions page by keyboard, and what the server's fragments do not reach.

const main = document.querySelector("main");

// The open row is marked wherever the address says one is open.
function mark(open = new URLSearchParams(location.search).get("open")) {
  for (const row of main.querySelectorAll(".rows tr[id]")) {
    const isOpen = row.id === `row-${open}`;
    if (isOpen) row.setAttribute("aria-selected", "true");
    else row.removeAttribute("aria-selected");
    if (isOpen) row.scrollIntoView({ block: "nearest" });
  }
}

document.body.addEventListener("htmx:afterSettle", (event) => {
  mark();
  if (event.target.id === "peek") event.target.scrollTop = 0;
  if (event.target.id === "results") event.target.scrollTop = 0;
});

// One menu at a time; a click elsewhere or Escape closes it.
function closeMenus(except) {
  for (const menu of main.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

// The whole row opens, not only its text; a selection being made, or a link, is left alone.
main.addEventListener("click", (event) => {
  const row = event.target.closest(".rows tbody tr");
  if (!row || event.target.closest("a, button, input, label") || String(getSelection())) return;
  row.querySelector("a.open").click();
});

function step(by) {
  const links = [...main.querySelectorAll(".rows a.open")];
  const at = links.findIndex((link) => link.closest("tr").hasAttribute("aria-selected"));
  const next = links[at < 0 ? 0 : at + by];
  if (!next) return;
  mark(next.closest("tr").id.slice("row-".length)); // at once: keys come faster than answers
  next.click();
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  "/": () => main.querySelector("#text").focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    const menu = main.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (!event.target.closest("input, textarea, select")) {
      main.querySelector("#close-peek")?.click();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, dialog")) return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
