/** What a page in another dialect than ours wants of its frame; most pages want nothing, so it comes when it is asked for. */
import type { Asks } from "../shared/messages";
import type { Page } from "../frame/page";
import { show } from "./doors";

/** Milliseconds a page may think about a comment that is about to be sent. */
const PATIENCE = 5_000;

let drafts = 0;

/** Does as the page wants from now on. */
export function oblige(page: Page, asks: Asks): void {
  page.host.wantsTexts = asks.texts;
  if (asks.drafts) page.host.before = (text) => before(page, text);
  if (asks.doors) show(page, asks.doors);
}

/** The text as the page answers; as it was, where no answer comes in time. */
function before(page: Page, text: string): Promise<string> {
  const draft = ++drafts;
  const answered = new AbortController();
  const answer = new Promise<string>((resolve) => {
    page.host.hear({ draft: ({ id, text: other }) => id === draft && typeof other === "string" && resolve(other) }, answered.signal);
    setTimeout(() => resolve(text), PATIENCE);
  });
  page.host.tell({ v: 1, type: "draft", id: draft, text });
  return answer.finally(() => answered.abort());
}
