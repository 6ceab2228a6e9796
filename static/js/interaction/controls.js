// The controls of the interaction in hand that say their own key (`data-key`), so that the key works
// whoever swapped them in.

// In a session the focused or marked interaction; else the only one.
export function scope() {
  return (
    document.activeElement?.closest(".exchange") ??
    document.querySelector(".exchange[aria-current]") ??
    document.querySelector("#open-interaction .one, main > .one, .exchange")
  );
}

export function control(key) {
  const found = [...(scope()?.querySelectorAll(`[data-key="${key}"]`) ?? [])];
  return found.find((one) => one.checkVisibility());
}
