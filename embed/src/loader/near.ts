import { commentInHash } from "../shared/messages";
import { endWith } from "./place";

/**
 * Calls `now`, which puts a frame there, when the reader comes near the place, unless `signal` aborts before: at once where that is asked for
 * (`isEager`) or the page's address names a comment.
 */
export function whenNear(place: HTMLElement, signal: AbortSignal, isEager: boolean, now: (signal: AbortSignal) => void): void {
  const come = (): void => {
    observer.disconnect();
    if (!signal.aborted && !place.querySelector("iframe")) now(signal);
  };
  const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && come(), {
    rootMargin: "1000px",
  });
  const look = (): void => {
    if (isEager || commentInHash(location.hash)) come();
  };
  observer.observe(place);
  endWith(signal, observer);
  // A link to a comment that is followed before the frame is there needs it now.
  addEventListener("hashchange", look, { signal });
  look();
}
