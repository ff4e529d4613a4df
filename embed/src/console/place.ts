/** Where the moderator is: the address, as a signal. Back and forward work, because it is the only truth. */
import { computed, signal } from "@preact/signals";
import { readPlace, refined, writePlace, type Filters, type Place, type View } from "./filters";

const read = (): Place => readPlace(location.pathname, location.search);
export const place = signal<Place>(read());
export const view = computed(() => place.value.view);

export function followHistory(): void {
  addEventListener("popstate", () => {
    place.value = read();
  });
}

/** Goes somewhere. `replace` for what is no step of its own, such as the next case in a list. */
export function go(to: Place, replace = false): void {
  const address = writePlace(to);
  if (address === `${location.pathname}${location.search}`) return;
  history[replace ? "replaceState" : "pushState"](null, "", address);
  place.value = read();
}

export function refine(changes: Filters, replace = false): void {
  go(refined(place.value, changes), replace);
}

/** A view of the same site. */
export function at(to: View, name = "", filters: Filters = {}): Place {
  const site = place.value.filters["site"];
  return { view: to, name, filters: { ...(site ? { site } : {}), ...filters } };
}
