// Reads the rows anew after a bulk action or an undoing. The first row in view, the ticks and the
// focus stay where they are.

const results = document.querySelector("#results");
const panel = document.querySelector("#open-interaction");

// Rows scroll in their box, on a narrow screen with the page.
function firstInView() {
  const top = Math.max(0, results.getBoundingClientRect().top);
  const rows = [...results.querySelectorAll(".rows tbody tr[id]")];
  const row = rows.find((one) => one.getBoundingClientRect().bottom > top);
  return { id: row?.id, top: row?.getBoundingClientRect().top, scrolled: results.scrollTop };
}

function scrollBack({ id, top, scrolled }) {
  const row = id && document.getElementById(id);
  if (!row) {
    results.scrollTop = scrolled; // the row is gone
    return;
  }
  const by = row.getBoundingClientRect().top - top;
  if (results.scrollHeight > results.clientHeight) results.scrollTop += by;
  else scrollBy(0, by);
}

// Where the focus is, such that it is found again in other rows.
export function placeOf(element) {
  if (element?.closest?.("#toast")) return "#results"; // what was pressed there goes
  const row = element?.closest?.("#results tr[id]");
  if (row) return `#${CSS.escape(row.id)} ${element.matches("input") ? "input" : "a.open"}`;
  const { value } = element?.closest?.("#selection button[value]") ?? {};
  return value && `#selection button[value=${value}]`;
}

// Whether the rows came; what failed is said by page_frame.js.
async function readAnew() {
  const ended = new AbortController();
  const read = new Promise((resolve) => {
    const on = (name, listener) => document.body.addEventListener(name, listener, { signal: ended.signal });
    on("htmx:afterSettle", ({ target }) => {
      // After open_interaction.js has scrolled to the top.
      if (target === results) requestAnimationFrame(() => resolve(true));
    });
    const stop = ({ detail }) => {
      if (detail.target === results && (detail.error || !detail.successful)) resolve(false);
    };
    on("htmx:afterRequest", stop);
    on("htmx:onLoadError", stop);
  });
  htmx.ajax("GET", location.href, { target: "#results" }).catch(() => {}); // rejected without a reason
  const haveCome = await read;
  ended.abort();
  return haveCome;
}

export async function refresh(place) {
  const first = firstInView();
  const { scrollTop } = panel;
  if (!(await readAnew())) return;
  scrollBack(first);
  panel.scrollTop = scrollTop;
  const found = place && document.querySelector(place);
  if (found?.checkVisibility()) found.focus({ preventScroll: true });
  else if (place) results.focus({ preventScroll: true });
  document.body.dispatchEvent(new Event("recount"));
}
