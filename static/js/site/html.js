// HTML made here, or fetched from the server.

export function make(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

// An ended session is answered with the login page.
export function reloadToLogIn(url) {
  const isLogin = new URL(url, location.href).pathname.endsWith("/login/");
  if (isLogin) location.reload();
  return isLogin;
}

export async function request(url, { headers, ...options } = {}) {
  const answer = await fetch(url, { ...options, headers: { "HX-Request": "true", ...headers } });
  reloadToLogIn(answer.url);
  return answer;
}

export async function fetchPart(url, options) {
  const answer = await request(url, options);
  if (!answer.ok) throw Object.assign(new Error(`The server answered ${answer.status}`), { status: answer.status });
  return answer.text();
}

// What changes something is sent one after the other, in the order of the keys and clicks.
const sending = { last: Promise.resolve(), waiting: new Set() };

export function inOrder(send) {
  const { waiting } = sending;
  const begin = () => waiting.delete(begin) && send();
  waiting.add(begin);
  return (sending.last = sending.last.catch(() => {}).then(begin));
}
// Whoever leaves the page leaves nothing unsent.
addEventListener("pagehide", () => sending.waiting.forEach((begin) => begin()));

// What was fetched ahead, from a root that says where its showing is told.
export const ahead = ({ dataset }) => (dataset.seen ? { Purpose: "prefetch" } : {});

export function tellSeen({ dataset }, ids) {
  if (!dataset.seen || !ids.length) return;
  const body = new FormData();
  for (const id of ids) body.append("ids", id);
  body.append("page", dataset.page);
  body.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  request(dataset.seen, { method: "POST", body, keepalive: true }).catch(() => {}); // the server is away
}
