// Keeps "3 min ago" right, in the words of `template_filters/times.py`.

const EVERY = 10_000; // milliseconds
const UNITS = [[3_600_000, "h"], [60_000, "min"], [1000, "s"]];
const DAY = 86_400_000;
const timeZone = document.documentElement.dataset.zone;

function textOf(at) {
  const since = Date.now() - at;
  if (since >= DAY) return at.toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone });
  const unit = UNITS.find(([size]) => since >= size);
  return unit ? `${Math.floor(since / unit[0])} ${unit[1]} ago` : "just now";
}

function refresh() {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const text = textOf(new Date(time.dateTime));
    if (time.textContent !== text) time.textContent = text;
  }
}

setInterval(refresh, EVERY);
document.addEventListener("visibilitychange", refresh);
