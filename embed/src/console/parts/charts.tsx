/** Small charts drawn as SVG. A chart is a picture: the numbers stand in the table behind it. */
import type { JSX } from "preact";
import { number } from "../say";
import { isRightToLeft } from "../say";

const WIDE = 640;
const HIGH = 180;
const LEFT = 44;
const BELOW = 24;

export interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

/** A round number at or above the largest value: where the scale ends. */
export function scaleEnd(values: readonly number[]): number {
  const largest = Math.max(1, ...values);
  const size = 10 ** Math.floor(Math.log10(largest));
  return [1, 2, 5, 10].map((step) => step * size).find((end) => end >= largest) ?? largest;
}

/** Lines over time. Time runs with the writing. */
export function Lines(props: { title: string; labels: readonly string[]; series: readonly Series[]; end?: number }): JSX.Element {
  const { labels, series } = props;
  const end = props.end ?? scaleEnd(series.flatMap((one) => one.values.filter((value): value is number => value !== null)));
  const turned = isRightToLeft.value;
  const along = (index: number): number => {
    const part = labels.length > 1 ? index / (labels.length - 1) : 0.5;
    const x = LEFT + part * (WIDE - LEFT - 8);
    return turned ? WIDE - x : x;
  };
  const up = (value: number): number => 8 + (1 - value / end) * (HIGH - BELOW - 8);
  const few = Math.max(1, Math.ceil(labels.length / 6));
  return (
    <figure class="chart">
      <figcaption>
        {props.title}
        <ul class="legend">
          {series.map((one, index) => (
            <li key={one.name} class={`series-${index}`}>
              <svg width="24" height="10" aria-hidden="true">
                <line x1="0" y1="5" x2="24" y2="5" class={`line-${index}`} />
              </svg>
              {one.name}
            </li>
          ))}
        </ul>
      </figcaption>
      <svg viewBox={`0 0 ${WIDE} ${HIGH}`} role="img" aria-label={props.title} preserveAspectRatio="xMidYMid meet">
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line class="grid" x1={turned ? 8 : LEFT} x2={turned ? WIDE - LEFT : WIDE - 8} y1={up(part * end)} y2={up(part * end)} />
            <text class="axis" x={turned ? WIDE - LEFT + 6 : LEFT - 6} y={up(part * end) + 4} text-anchor={turned ? "start" : "end"} direction="ltr">
              {number(part * end)}
            </text>
          </g>
        ))}
        {labels.map((label, index) =>
          index % few === 0 ? (
            <text key={label} class="axis" x={along(index)} y={HIGH - 6} text-anchor="middle">
              {label}
            </text>
          ) : null,
        )}
        {series.map((one, line) => (
          <g key={one.name} class={`series-${line}`}>
            <path class={`line-${line}`} d={path(one.values, along, up)} />
            {labels.length < 40 && one.values.map((value, index) => value !== null && <circle key={index} cx={along(index)} cy={up(value)} r={2.2} />)}
          </g>
        ))}
      </svg>
    </figure>
  );
}

function path(values: readonly (number | null)[], along: (index: number) => number, up: (value: number) => number): string {
  let isDown = false;
  return values
    .map((value, index) => {
      if (value === null) {
        isDown = false;
        return "";
      }
      const step = `${isDown ? "L" : "M"}${along(index).toFixed(1)} ${up(value).toFixed(1)}`;
      isDown = true;
      return step;
    })
    .join("");
}

/** A bar for each of a few names, with its number beside it: readable as it stands, so nothing is behind it. */
export function Bars(props: { title: string; items: readonly { name: string; value: number; words: string }[] }): JSX.Element {
  const end = Math.max(1, ...props.items.map((item) => item.value));
  return (
    <figure class="chart">
      <figcaption>{props.title}</figcaption>
      <ul class="bars">
        {props.items.map((item) => (
          <li key={item.name}>
            <bdi>{item.name}</bdi>
            <span class="bar-track" aria-hidden="true">
              <span style={{ inlineSize: `${(item.value / end) * 100}%` }} />
            </span>
            <span class="value">{item.words}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}
