/** The claims one holds: tokens of the server, each with its end. */
import { signal } from "@preact/signals";

export interface Lease {
  readonly token: string;
  readonly until: number;
  /** The comment has another version since: the claim keeps others away, and the version is decided about. */
  readonly isPassed?: boolean;
}

export const leases = signal<ReadonlyMap<string, Lease>>(new Map());

export function isMine(id: string): boolean {
  return leases.value.has(id);
}

export function setLease(changes: readonly (readonly [string, Lease | null])[]): void {
  const next = new Map(leases.value);
  for (const [id, lease] of changes) {
    if (lease) next.set(id, lease);
    else next.delete(id);
  }
  leases.value = next;
}
