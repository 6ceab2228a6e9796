"""A tab that notices when a payload has become more than text."""

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Dialog, Page, Request

# Whatever is called `evil` and is no text; and what no page of ours has, whoever calls it how.
ALIVE = """
(root) => {
  const plain =
    /^(title|value|alt|placeholder|label|content|datetime|lang|class|id|for|name|open|d)$/;
  const safeData = /^(aria-|data-(?!hx-))/;
  const leads = /^(href|action|formaction|src|(data-)?hx-(get|post|delete|put|patch|push-url))$/;
  const others =
    /^(iframe|object|embed|base|portal|frame|applet|foreignobject|animate|set|marquee)$/;
  const runs = /^on|^(data-)?hx-on|^srcdoc$|evil/;
  const script = /^\\s*(js|javascript):/;
  const found = [];
  const say = (one, what) => found.push(`${what}: ${one.outerHTML.slice(0, 200)}`);
  for (const one of root.querySelectorAll("*")) {
    const tag = one.localName;
    if (tag.includes("evil")) say(one, "element");
    if (others.test(tag)) say(one, "element of another's");
    if (tag === "script" && !/^\\/(static|admin\\/jsi18n)\\//.test(one.getAttribute("src"))
        && !/json|importmap/.test(one.type)) say(one, "script");
    if (tag === "style" && !one.closest("svg")) say(one, "style");
    if (tag === "meta" && one.httpEquiv && !one.content.match(/^\\d+$/)) say(one, "meta");
    for (const { name, value } of one.attributes) {
      if (runs.test(name)) say(one, `attribute ${name}`);
      if (leads.test(name)) {
        const url = URL.parse(value, location.href);
        const ours = url?.origin === location.origin;
        const led = tag === "a" && name === "href" && /^https?:$/.test(url?.protocol)
          && one.relList.contains("noopener");
        if (!ours && !led) say(one, `address ${name}`);
      } else if (/evil/i.test(value) && !plain.test(name) && !safeData.test(name))
        say(one, `value of ${name}`);
      if (/^(id|name|form)$/.test(name) && /^(__evil|evil|cookie|body)$/.test(value))
        say(one, `name ${name}`);
      if (/^(data-)?hx-(vals|headers|vars|request)$/.test(name) && script.test(value))
        say(one, "script in a value");
    }
  }
  if (root.documentElement.textContent.includes("evil49evil")) found.push("a template filled in");
  if (window.__evil !== undefined || {}.__evil !== undefined) found.push("a global");
  return found;
}
"""
# Returns what came to life in each, and which have scripts that other pages have not.
_PARSED = f"""
async ([method, addresses, body]) => {{
  const alive = {ALIVE};
  const found = [], scripted = [];
  const shared = /\\/(page_frame|htmx[^/]*)\\.js$|^\\/static\\/admin\\/|jsi18n/;
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const form = {{
    method, body: `${{body}}&csrfmiddlewaretoken=${{token}}`,
    headers: {{ "Content-Type": "application/x-www-form-urlencoded" }},
  }};
  for (const address of addresses) {{
    const sent = method === "POST" ? form : {{}};
    const answer = await fetch(address, {{ redirect: "manual", ...sent }});
    if (!answer.headers.get("Content-Type")?.startsWith("text/html")) continue;
    const text = await answer.text();
    const page = new DOMParser().parseFromString(text, "text/html");
    const scripts = [...page.scripts].map((one) => one.getAttribute("src"));
    if (scripts.some((one) => !shared.test(one))) scripted.push(address);
    found.push(...alive(page).map((one) => `${{method}} ${{address.slice(0, 80)}}: ${{one}}`));
  }}
  return [found, scripted];
}}
"""
_QUIET_FOR = 80  # milliseconds without a request


# In what a payload may stand; bare it is the end of nothing.
CONTEXTS = (
    "<p>{}</p>", '<p title="{}">', "<p title='{}'>", "<p title={}>", '<a href="{}">',
    "<title>{}</title>", "<textarea>{}</textarea>", "<!-- {} -->",
    '<script src="/static/x">"{}"</script>',
)  # fmt: skip
_RAW = f"""
(texts) => {{
  const alive = {ALIVE};
  return texts.map((text) => alive(new DOMParser().parseFromString(text, "text/html")).length);
}}
"""


def is_noticed(page: Page, payload: str) -> bool:
    """Whether it would be noticed on a page that forgot to escape it."""
    return any(page.evaluate(_RAW, [context.replace("{}", payload) for context in CONTEXTS]))


class Watch:
    """What a tab was made to do by others."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.noticed: list[str] = []
        self._origin = url
        self._open = 0
        self._where = ""
        page.on("dialog", self._dialog)
        page.on("console", self._console)
        page.on("request", self._request)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)
        page.on("popup", lambda _: self._notice("a window"))
        page.on("download", lambda _: None)

    def look(self, path: str) -> None:
        """Open a page, let it load all it loads by itself, and look at everything in it."""
        self._where = path
        self._open = 0
        answer = self.page.goto(self._origin + path, wait_until="load")
        assert answer is not None, path
        while True:
            self.page.wait_for_timeout(_QUIET_FOR)
            if self._open <= 0:
                break
        if urlsplit(self.page.url).netloc != urlsplit(self._origin).netloc:
            self._notice(f"left for {self.page.url}")
        for one in self.page.evaluate(f"({ALIVE})(document)"):
            self._notice(one)

    def parse(self, method: str, paths: list[str], body: str = "") -> list[str]:
        """Fetch each, look at what it would be as a page, and return those with own scripts."""
        self._where = method
        found, scripted = self.page.evaluate(_PARSED, [method, paths, body])
        for one in found:
            self._notice(one)
        return list(scripted)

    def _notice(self, what: str) -> None:
        self.noticed.append(f"{self._where}: {what}")

    def _dialog(self, dialog: Dialog) -> None:
        self._notice(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, message: ConsoleMessage) -> None:
        said = message.text
        if "Content Security Policy" in said or "evil" in said.replace("%3Cevil", ""):
            self._notice(said)

    def _request(self, request: Request) -> None:
        self._open += 1
        if not request.url.startswith((f"{self._origin}/", "data:image/", "blob:")):
            self._notice(f"a request to {request.url}")

    def _ended(self, _: Any) -> None:
        self._open -= 1
