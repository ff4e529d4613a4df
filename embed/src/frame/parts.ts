import type { Find } from "../finding/finding";
import type { Mute } from "../muting/muting";
import { say } from "../shared/say";
import { commentOf, onClick, type Page } from "./page";

/** What most readers never ask for comes when it is asked for: search, muting. */
export function start(page: Page): void {
  onClick(page, '[data-act="find"]', async (button) => {
    const part = await page.load<Find>("finding").catch(() => null);
    if (part) part.open(page, button);
    else page.alert(say.notLoaded);
  });
  const muted = `muted:${page.site}`;
  onClick(page, '[data-act="mute"]', async (button) => {
    const comment = commentOf(button);
    const part = await page.load<Mute>("muting").catch(() => null);
    if (part && comment) part.mute(page, muted, comment.article);
    else page.alert(say.notLoaded);
  });
  if (page.store.get(muted)) void page.load<Mute>("muting").then((part) => part.start(page, muted), () => undefined);
}
