// Go to, in a dialog: the list of /go/ as one types, by keyboard alone; loaded when first asked for.

let dialog, input, room, asked;
let at = 0;

function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const ways = () => [...room.querySelectorAll("a")];

function choose(n) {
  const links = ways();
  at = links.length ? (n + links.length) % links.length : 0;
  links.forEach((link, i) => {
    link.id = `way-${i}`;
    link.tabIndex = -1;
    link.setAttribute("role", "option");
    link.setAttribute("aria-selected", i === at);
    link.parentElement.setAttribute("role", "presentation");
  });
  const list = room.querySelector("ul");
  list?.setAttribute("role", "listbox");
  list?.setAttribute("aria-label", "Where to");
  if (list) list.id = "ways-to";
  input.setAttribute("aria-expanded", Boolean(list));
  if (links[at]) input.setAttribute("aria-activedescendant", links[at].id);
  else input.removeAttribute("aria-activedescendant");
  links[at]?.scrollIntoView({ block: "nearest" });
}

// The newest question wins; Enter waits for its answer.
function ask() {
  const address = new URL(dialog.dataset.from, location.href);
  address.searchParams.set("q", input.value);
  const project = /^.*?\/projects\/([\w-]+)\//.exec(location.pathname);
  if (project) address.searchParams.set("in", project[1]);
  const mine = fetch(address, { headers: { "HX-Request": "true" } })
    .then(async (answer) => {
      const text = await answer.text();
      if (asked !== mine) return;
      if (answer.redirected) location.reload(); // logged out meanwhile
      else room.innerHTML = text;
      choose(0);
    })
    .catch(() => {
      if (asked === mine) room.textContent = "The server does not answer. Try again.";
    });
  asked = mine;
}

async function press(event) {
  if (event.isComposing) return;
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps) {
    event.preventDefault();
    choose(at + steps[event.key]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    for (let last; last !== asked; ) await (last = asked);
    ways()[at]?.click();
  }
}

function build(address) {
  input = make("input", {
    type: "search", role: "combobox", placeholder: "Paste an id, or type a name",
    "aria-label": "An id, or the name of a project, page or saved view", "aria-expanded": "false",
    "aria-controls": "ways-to", "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false",
  });
  room = make("div", { class: "room" });
  const hint = make("footer", {}, "↓ ↑ choose, Enter goes, Esc closes");
  dialog = make("dialog", { class: "go-to", "aria-label": "Go to" }, input, room, hint);
  dialog.dataset.from = address;
  input.addEventListener("input", ask);
  input.addEventListener("keydown", press);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
}

// Its style comes with it: the first page does not pay for what few open.
function style(href) {
  return new Promise((done) => {
    const link = make("link", { rel: "stylesheet", href });
    link.onload = link.onerror = done;
    document.head.append(link);
  });
}

export async function open({ href, dataset }) {
  if (!dialog) {
    build(href);
    await style(dataset.css);
  }
  if (dialog.open) return input.select();
  input.value = "";
  dialog.showModal();
  input.focus();
  ask();
}
