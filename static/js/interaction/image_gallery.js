// The contact sheet: without scripts an image leads to its interaction; with them it opens large.

import { bind } from "../site/key_bindings.js";

const pictures = [...document.querySelectorAll(".tiles a.picture")];
const pages = new Map(pictures.map((link) => [link, link.href]));

for (const link of pictures) {
  if (!link.dataset.image) continue; // what cannot be shown leads to its interaction
  link.href = link.dataset.image;
  link.classList.add("zoom");
}

// Where the keys are: the focused image, or the one under the pointer.
function current() {
  const tile = document.activeElement.closest(".tile") ?? document.querySelector(".tile:hover");
  return tile?.querySelector("a.picture");
}

function step(by) {
  const at = pictures.indexOf(current());
  pictures[at < 0 ? 0 : at + by]?.focus();
}

bind({
  j: () => step(1),
  k: () => step(-1),
  o: () => {
    const link = current();
    if (link) location.assign(pages.get(link));
  },
});
