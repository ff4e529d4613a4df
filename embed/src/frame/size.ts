import type { Page } from "./page";

/**
 * Keeps the host's idea of our height true. Every change in the page measures at once (`page.drawn`); the observer
 * catches what changes by itself: fonts, images, the width.
 */
export function start(page: Page): void {
  // Only now: without this script the frame must stay scrollable.
  if (page.host.isThere) document.documentElement.classList.add("sized");
  const observer = new ResizeObserver(() => page.host.measure());
  observer.observe(page.root);
  page.signal.addEventListener("abort", () => observer.disconnect());
  page.root.addEventListener("input", () => page.host.measure(), { signal: page.signal });
  // These don't bubble: images that come, spoilers that open.
  for (const name of ["load", "toggle"]) {
    page.root.addEventListener(name, () => page.host.measure(), { signal: page.signal, capture: true });
  }
  page.host.measure();
}
