import { lang } from "../shared/texts";
import type { Page } from "./page";

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["minute", 60],
  ["hour", 3600],
  ["day", 86_400],
];
const WEEK = 7 * 86_400;

/** Times in the reader's own zone: how long ago within a week, else the date. Whole words are in the title. */
export function start(page: Page): void {
  const relative = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
  const date = new Intl.DateTimeFormat(lang, { dateStyle: "medium" });
  const whole = new Intl.DateTimeFormat(lang, { dateStyle: "full", timeStyle: "short" });
  const dress = (piece: ParentNode): void => {
    for (const element of piece.querySelectorAll<HTMLTimeElement>("time[datetime]")) {
      const at = new Date(element.dateTime);
      element.textContent = ago(at, new Date(), relative) ?? date.format(at);
      element.title ||= whole.format(at);
    }
    // The link of a comment leads to the article, for whoever copies it or opens it elsewhere.
    for (const link of piece.querySelectorAll<HTMLAnchorElement>("a.at[href^='#']")) {
      link.href = page.url + link.hash;
    }
  };
  page.dressers.push(dress);
  dress(page.root);
  const timer = setInterval(() => dress(page.root), 60_000);
  page.signal.addEventListener("abort", () => clearInterval(timer));
}

/** `3 hours ago`, or null when it is longer ago than a week. A clock that goes wrong says "now", not "in 2 minutes". */
export function ago(at: Date, now: Date, format: Intl.RelativeTimeFormat): string | null {
  const seconds = Math.max(0, (now.getTime() - at.getTime()) / 1000);
  if (seconds >= WEEK) return null;
  if (seconds < 60) return format.format(0, "second");
  let words = "";
  for (const [unit, size] of UNITS) if (seconds >= size) words = format.format(-Math.floor(seconds / size), unit);
  return words;
}
