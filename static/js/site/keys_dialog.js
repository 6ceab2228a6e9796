// The sheet of all keys, which is the list of /keys/ in a dialog; loaded when first asked for.

let sheet;

function build(address) {
  sheet = document.createElement("dialog");
  sheet.className = "key-sheet";
  sheet.setAttribute("aria-labelledby", "sheet-title");
  const bar = document.createElement("header");
  const title = document.createElement("h1");
  title.id = "sheet-title";
  title.textContent = "Keys";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "small";
  close.textContent = "Close";
  close.addEventListener("click", () => sheet.close());
  bar.append(title, close);
  const room = document.createElement("div");
  room.className = "key-room";
  room.tabIndex = 0;
  room.setAttribute("role", "group");
  room.setAttribute("aria-label", "All keys");
  sheet.append(bar, room);
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
  sheet.addEventListener("keydown", (event) => event.key === "?" && sheet.close());
  document.body.append(sheet);
  htmx.ajax("GET", address, { target: room, swap: "innerHTML" });
}

export function open(link) {
  if (!sheet) build(link.getAttribute("href"));
  if (!sheet.open) sheet.showModal();
}
