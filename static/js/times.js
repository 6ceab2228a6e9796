// Times that were said relative ("3 min ago") stay right while the page stands open. What is said
// is what `templatetags/times.py` says; beyond a day it is the time itself.

const EVERY = 10_000; // milliseconds
const UNITS = [[3_600_000, "h"], [60_000, "min"], [1000, "s"]];
const DAY = 86_400_000;
const timeZone = document.documentElement.dataset.zone || "UTC";
const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone });

function said(at) {
  const since = Date.now() - at;
  if (since >= DAY) return DATE.format(at).replace("Sept", "Sep");
  const unit = UNITS.find(([size]) => since >= size);
  return unit ? `${Math.floor(since / unit[0])} ${unit[1]} ago` : "just now";
}

function refresh() {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const text = said(new Date(time.dateTime));
    if (time.textContent !== text) time.textContent = text;
  }
}

setInterval(refresh, EVERY);
document.addEventListener("visibilitychange", refresh);
