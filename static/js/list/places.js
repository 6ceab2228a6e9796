// Where a row stands among all that match, and where its list is scrolled to.

// A page's place is known of the first page and of those that were reached from it.
export class Places {
  before = new Map(); // address of a page → how many rows stand before its first
  address = "";
  way = ""; // the pager's link that was followed, `next` or `prev`
  left = 0; // rows of the page it was followed from

  constructor(results, links) {
    this.links = links;
    results.addEventListener("click", ({ target }) => {
      const link = target.closest(".pager a[rel]");
      if (link) Object.assign(this, { way: link.rel, left: links().length });
    }, { capture: true });
  }

  // The rows of the page at `address` are there.
  arrive(address) {
    const { searchParams } = new URL(address, location.href);
    const known = this.before.get(this.address);
    if (!searchParams.has("before") && !searchParams.has("after")) this.before.set(address, 0);
    else if (this.way === "next" && known !== undefined) this.before.set(address, known + this.left);
    else if (this.way === "prev" && known !== undefined) this.before.set(address, known - this.links().length);
    this.address = address;
    this.way = "";
  }

  words(at) {
    const before = this.before.get(this.address);
    if (before === undefined) return `row ${at + 1} of this page`;
    const all = document.querySelector("#count b")?.textContent.trim();
    const place = (before + at + 1).toLocaleString("en");
    return all ? `${place} of ${all}` : place;
  }
}

// In the middle third what comes is seen as well as what was.
export function keepInMiddle(row) {
  const list = row.closest("#results");
  const [box, at] = [list.getBoundingClientRect(), row.getBoundingClientRect()];
  const third = box.height / 3;
  const beyond = Math.max(0, at.bottom - (box.bottom - third)) || Math.min(0, at.top - (box.top + third));
  if (list.scrollHeight > list.clientHeight) list.scrollTop += beyond;
  else row.scrollIntoView({ block: "nearest" });
}
