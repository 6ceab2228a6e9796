// What every page needs: saying so when a request for a fragment fails.

const body = document.body;

function say(text) {
  document.querySelector("#failure")?.remove();
  const note = document.createElement("p");
  note.id = "failure";
  note.className = "notice error";
  note.setAttribute("role", "alert");
  note.textContent = text;
  document.querySelector("main").before(note);
}

body.addEventListener("htmx:beforeSwap", (event) => {
  document.querySelector("#failure")?.remove();
  // A session that ended answers with the login page; that is a page, not a fragment.
  const { pathname } = new URL(event.detail.xhr.responseURL || location.href, location.href);
  if (pathname === "/login/") {
    event.detail.shouldSwap = false;
    location.reload();
  }
});
body.addEventListener("htmx:responseError", (event) => {
  say(`The server answered ${event.detail.xhr.status}. Nothing was changed; try again.`);
});
body.addEventListener("htmx:sendError", () => {
  say("The server does not answer. Nothing was changed; try again.");
});
