/** The server's time, as far as its answers tell it: leases end by it, and a moderator's clock may be wrong. */
import { signal } from "@preact/signals";

let skew = 0;

/** An answer says when it was made, to the second. */
export function heard(date: string | null): void {
  const said = date ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(said)) return;
  const apart = said - Date.now();
  // Within a second and the way here they are the same.
  skew = Math.abs(apart) < 2_000 ? 0 : apart;
}

export function serverNow(): number {
  return Date.now() + skew;
}

/** Now, for "4 minutes ago": moves every half minute. */
export const now = signal(Date.now());

export function startClock(): void {
  setInterval(() => {
    now.value = serverNow();
  }, 30_000);
}
