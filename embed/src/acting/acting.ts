/** Editing and deleting one's own, reporting others': a part of its own, loaded when somebody does one of them. */
import type { compose } from "../frame/composer";
import type { Own } from "../frame/own";
import type { Page } from "../frame/page";
import { commentOf } from "../frame/pieces";
import { askSure, edit } from "./edit";
import { report } from "./report";

/** What it needs of the frame, handed over so that it is not loaded twice. */
export interface Frame {
  own: Own;
  compose: typeof compose;
  /** The number of comments went up or down. */
  count(page: Page, by: number): void;
  held(reasons: readonly string[]): string;
}

/** What the frame knows of this part. */
export interface Act {
  act(page: Page, frame: Frame, button: HTMLButtonElement): void;
}

export function act(page: Page, frame: Frame, button: HTMLButtonElement): void {
  const comment = commentOf(button);
  if (!comment) return;
  const { article, id } = comment;
  if (button.dataset["act"] === "edit") edit(page, frame, article, id);
  else if (button.dataset["act"] === "delete") askSure(page, frame, button, article, id);
  else report(page, button, article, id);
}
