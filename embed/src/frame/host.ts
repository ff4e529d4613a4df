import { dispatch, type FromFrame, type FromHost, type Table } from "../shared/messages";

/** The page around the frame, or nothing when the frame stands alone. */
export interface Host {
  readonly isThere: boolean;
  tell(message: FromFrame): void;
  /** Measures the content and tells its height, now: a frame out of sight gets no callbacks to do it later. */
  measure(): void;
  hear(table: Table<FromHost>, until?: AbortSignal): void;
  /** Whether the page asked for the texts of what is posted. */
  wantsTexts?: boolean;
  /** A text as the page wants it sent, where the page asked to see comments first. */
  before?(text: string): Promise<string>;
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
  const hear = (table: Table<FromHost>, until = signal): void => {
    addEventListener(
      "message",
      (event) => {
        if (isThere && event.source === window.parent && event.origin === origin) dispatch<FromHost>(event.data, table);
      },
      { signal: until },
    );
  };
  return { isThere, tell, measure, hear };
}
