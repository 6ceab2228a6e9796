// The gallery: an image opens large; without scripts it leads to its interaction.

import { bind } from "../site/key_bindings.js";

const images = [...document.querySelectorAll(".tiles a.picture")];
const pages = new Map(images.map((link) => [link, link.href]));

for (const link of images) {
  if (!link.dataset.image) continue; // what cannot be shown leads to its interaction
  link.href = link.dataset.image;
  link.classList.add("zoom");
}

// The focused image, or the one under the pointer.
function current() {
  const tile = document.activeElement.closest(".tile") ?? document.querySelector(".tile:hover");
  return tile?.querySelector("a.picture");
}

function step(by) {
  const at = images.indexOf(current());
  images[at < 0 ? 0 : at + by]?.focus();
}

bind({
  j: () => step(1),
  k: () => step(-1),
  o: () => {
    const link = current();
    if (link) location.assign(pages.get(link));
  },
});
