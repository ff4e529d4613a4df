/**
 * A list of any length of which only what is seen is in the document. One stop for Tab; arrows, Page Up and Down, Home
 * and End move in it, as in any listbox.
 */
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

const AROUND = 6;
const ROW_REM = 4.5;

interface Seen {
  readonly first: number;
  /** Rows that fit, those in part included; and how high one is, in pixels. */
  readonly pageful: number;
  readonly high: number;
}

function lookedAt(element: HTMLElement, before: Seen): Seen {
  const high = ROW_REM * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const first = Math.floor(element.scrollTop / high);
  const pageful = Math.ceil(element.clientHeight / high) + 1;
  return before.first === first && before.pageful === pageful && before.high === high ? before : { first, pageful, high };
}

export function VirtualList(props: {
  label: string;
  count: number;
  active: number;
  id: (index: number) => string;
  row: (index: number) => JSX.Element;
  isChosen: (index: number) => boolean;
  onMove: (index: number) => void;
  onOpen: (index: number) => void;
  onToggle: (index: number) => void;
  /** Choose all between two rows, both included; or every row there is. */
  onRange: (from: number, to: number) => void;
  onAll: () => void;
  onSeen: (last: number) => void;
}): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState<Seen>({ first: 0, pageful: 12, high: 72 });
  const { high, pageful } = seen;
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    // Drawn anew only when another row comes into sight, not with every pixel.
    const look = (): void => setSeen((before) => lookedAt(element, before));
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);
  const first = Math.max(0, Math.min(seen.first, props.count - pageful) - AROUND);
  const last = Math.min(props.count - 1, seen.first + pageful + AROUND);
  useEffect(() => props.onSeen(last), [last, props.count]);
  // Whoever moves by keys sees where they are.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element || props.active < 0) return;
    const top = props.active * high;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + high > element.scrollTop + element.clientHeight) element.scrollTop = top + high - element.clientHeight;
  }, [props.active, high]);

  const indices = [];
  for (let index = first; index <= last; index++) indices.push(index);
  // What has the focus is in the document, wherever it is.
  if (props.active >= 0 && props.active < props.count && (props.active < first || props.active > last)) indices.push(props.active);

  const far = Math.max(1, pageful - 2);
  const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: far, PageUp: -far, Home: -props.count, End: props.count };
  return (
    <div
      ref={box}
      class="rows"
      role="listbox"
      aria-label={props.label}
      aria-multiselectable="true"
      aria-activedescendant={props.active >= 0 ? props.id(props.active) : undefined}
      tabIndex={0}
      onKeyDown={(press) => {
        if ((press.ctrlKey || press.metaKey) && press.key === "a") {
          press.preventDefault();
          props.onAll();
          return;
        }
        if (press.ctrlKey || press.altKey || press.metaKey) return;
        const step = steps[press.key];
        const to = Math.min(props.count - 1, Math.max(0, props.active + (step ?? 0)));
        if (step !== undefined && press.shiftKey && props.active >= 0) props.onRange(props.active, to);
        if (step !== undefined) props.onMove(to);
        else if (press.key === "Enter" && props.active >= 0) props.onOpen(props.active);
        else if (press.key === " " && props.active >= 0) props.onToggle(props.active);
        else return;
        press.preventDefault();
      }}
    >
      <div class="all" role="presentation" style={{ height: `${props.count * high}px` }}>
        {indices.map((index) => (
          <div
            key={props.id(index)}
            id={props.id(index)}
            class="row"
            role="option"
            aria-selected={props.isChosen(index)}
            aria-setsize={props.count}
            aria-posinset={index + 1}
            data-current={index === props.active ? "" : undefined}
            style={{ transform: `translateY(${index * high}px)`, height: `${high}px` }}
            onClick={(event) => {
              if (event.shiftKey && props.active >= 0) {
                getSelection()?.removeAllRanges();
                props.onRange(props.active, index);
              } else if (event.target instanceof Element && event.target.closest(".tick")) props.onToggle(index);
              else props.onOpen(index);
            }}
          >
            {props.row(index)}
          </div>
        ))}
      </div>
    </div>
  );
}
