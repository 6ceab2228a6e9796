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

// What to do about it: a form that was refused (4xx) changed nothing, any other may have.
function advice({ requestConfig }, status = 0) {
  if (requestConfig?.verb === "get") return "Try again.";
  if (status >= 400 && status < 500) return "Nothing was changed.";
  return "It may or may not have been saved; reload the page to see.";
}

body.addEventListener("htmx:responseError", ({ detail }) => {
  say(`The server answered ${detail.xhr.status}. ${advice(detail, detail.xhr.status)}`);
});
body.addEventListener("htmx:sendError", ({ detail }) => {
  say(`The server does not answer. ${advice(detail)}`);
});
