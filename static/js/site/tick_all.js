// A box in the head of a table that ticks all boxes of its rows; without scripts it is not there.

class TickAll extends HTMLElement {
  connectedCallback() {
    const box = document.createElement("input");
    box.type = "checkbox";
    box.setAttribute("aria-label", this.getAttribute("label"));
    this.replaceChildren(box);
    const boxes = () => [...this.closest("table").querySelectorAll("tbody input[type=checkbox]")];
    box.addEventListener("change", () => {
      for (const one of boxes()) one.checked = box.checked;
    });
    this.closest("table").addEventListener("change", () => {
      const n = boxes().filter((one) => one.checked).length;
      box.checked = n > 0 && n === boxes().length;
      box.indeterminate = n > 0 && !box.checked;
    });
  }
}

customElements.define("tick-all", TickAll);
