import { dispatch, type FromFrame, type FromHost, type Table } from "../shared/messages";

/** Milliseconds a page may think about a comment that is about to be sent. */
const PATIENCE = 5_000;

/** The page around the frame, or nothing when the frame stands alone. */
export interface Host {
  readonly isThere: boolean;
  tell(message: FromFrame): void;
  /** Measures the content and tells its height, now: a frame out of sight gets no callbacks to do it later. */
  measure(): void;
  hear(table: Table<FromHost>): void;
  /** A text as the page wants it sent: itself, unless the page asked to see comments first and answers in time. */
  before(text: string): Promise<string>;
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
  let wantsDrafts = false;
  let drafts = 0;
  hear({ drafts: () => (wantsDrafts = true) });
  return {
    isThere,
    tell,
    measure,
    hear,
    async before(text) {
      if (!wantsDrafts) return text;
      const draft = ++drafts;
      const answered = new AbortController();
      const answer = new Promise<string>((resolve) => {
        hear({ draft: ({ id, text: other }) => id === draft && typeof other === "string" && resolve(other) }, answered.signal);
        setTimeout(() => resolve(text), PATIENCE);
      });
      tell({ v: 1, type: "draft", id: draft, text });
      return answer.finally(() => answered.abort());
    },
  };
}
