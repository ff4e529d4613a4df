/**
 * What helps those who write: a toolbar, a preview, names to mention. A part of its own, loaded when a composer is
 * entered; a composer without it takes text as well.
 */
import type { Page } from "../frame/page";
import { mentions } from "./mentions";
import { toolbar } from "./toolbar";

/** What the frame knows of this part. */
export interface Assist {
  assist(page: Page, form: HTMLFormElement): void;
}

export function assist(page: Page, form: HTMLFormElement): void {
  const body = form.elements.namedItem("body") as HTMLTextAreaElement;
  toolbar(page, form, body);
  mentions(page, body);
  page.host.measure();
}
