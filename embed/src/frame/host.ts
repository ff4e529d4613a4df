import { dispatch, type FromFrame, type FromHost } from "../shared/messages";

/** The page around the frame, or nothing when the frame stands alone. */
export interface Host {
  readonly isThere: boolean;
  tell(message: FromFrame): void;
  /** Measures the content and tells its height, now: a frame out of sight gets no callbacks to do it later. */
  measure(): void;
  hear(table: { [T in FromHost["type"]]?: (message: Extract<FromHost, { type: T }>) => void }): void;
}

/** `data-host` is the origin the server has checked against the site's own; without it nothing is told to anybody. */
export function openHost(root: HTMLElement, signal: AbortSignal): Host {
  const origin = document.documentElement.dataset["host"];
  const isThere = origin !== undefined && window.parent !== window;
  let told = 0;
  const tell = (message: FromFrame): void => {
    if (isThere) window.parent.postMessage(message, origin);
  };
  const measure = (): void => {
    const height = Math.ceil(root.getBoundingClientRect().height);
    if (height === told) return;
    told = height;
    tell({ v: 1, type: "size", height });
  };
  return {
    isThere,
    tell,
    measure,
    hear(table) {
      addEventListener(
        "message",
        (event) => {
          if (isThere && event.source === window.parent && event.origin === origin) dispatch<FromHost>(event.data, table);
        },
        { signal },
      );
    },
  };
}
