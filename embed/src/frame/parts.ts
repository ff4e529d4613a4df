import type { Act } from "../acting/acting";
import type { Find } from "../finding/finding";
import type { Follow } from "../following/following";
import type { Live } from "../live/live";
import type { Mine } from "../mine/mine";
import type { Mute } from "../muting/muting";
import { say } from "../shared/say";
import type { Enter } from "../entering/entering";
import { compose } from "./composer";
import type { Own } from "./own";
import { commentOf, onClick, type Page, type Part } from "./page";
import type { SSO } from "../sso/sso";
import { count, total } from "./posting";
import { counted } from "./votes";

/** Milliseconds until news are asked for: who looks in and leaves again costs nothing. */
const LOOKED_IN = 3000;

/** What is not needed to read comes when it is asked for: search, muting, acting on a comment; and, later, news. */
export function start(page: Page, own: Own): void {
  const asked = <P>(act: string, part: Part, use: (loaded: P, button: HTMLButtonElement) => void): void => {
    onClick(page, act.replace(/\w+/g, '[data-act="$&"]'), async (button) => {
      const loaded = await page.load<P>(part).catch(() => null);
      if (loaded) use(loaded, button as HTMLButtonElement);
      else page.alert(say.notLoaded);
    });
  };
  asked<Act>("edit, delete, report", "acting", (part, button) => part.act(page, { own, compose, count, held: say.held }, button));
  asked<Find>("find", "finding", (part, button) => part.open(page, button));
  asked<Follow>("follow", "following", (part, button) => part.open(page, button));
  asked<Mine>("me", "mine", (part, button) => void part.open(page, button));
  const muted = `muted:${page.site}`;
  asked<Mute>("mute", "muting", (part, button) => {
    const article = commentOf(button)?.article;
    if (article) part.mute(page, muted, article);
  });
  if (page.store.get(muted)) void page.load<Mute>("muting").then((part) => part.start(page, muted), () => undefined);
  asked<Enter>("enter", "entering", (part, button) => part.open(page, own, button));
  const entering = (use: (part: Enter) => void) => void page.load<Enter>("entering").then(use, () => undefined);
  page.leave = () => entering((part) => part.leave(page, own));
  if (page.guest?.isMember) entering((part) => part.show(page, own, page.guest));
  else if (isKept(page.site)) entering((part) => part.resume(page, own));
  page.host.hear({
    sso: ({ token }) => void page.load<SSO>("sso").then((part) => part.enter(page, own, token), () => undefined),
    asks: (what) => void page.load<SSO>("sso").then((part) => part.oblige(page, what), () => undefined),
  });
  // Whoever comes back from the site's sign-in page may be somebody now: the page is asked.
  onClick(page, "[data-login]", () => void page.load<SSO>("sso").then((part) => part.comesBack(page), () => undefined));
  foresee(page);
  news(page);
}

/** What one writes with is fetched when somebody is about to write: it is there by the time they press. */
function foresee(page: Page): void {
  const watch = (event: Event): void => {
    if (!(event.target as Element).closest('.composer, [data-act="reply"]')) return;
    page.root.removeEventListener("pointerover", watch);
    page.load("writing").catch(() => undefined);
  };
  page.root.addEventListener("pointerover", watch, { signal: page.signal });
}

function news(page: Page): void {
  let timer = 0;
  const load = (): void => {
    // Where nobody has written yet, one's own comment makes the discussion.
    if (timer || !page.thread) return;
    timer = window.setTimeout(() => {
      page.load<Live>("live").then(
        (part) => part.start(page, { total, counted }),
        () => {
          timer = 0;
        },
      );
    }, LOOKED_IN);
  };
  page.dressers.push(load, () => {
    // What nobody has written in cannot be followed yet.
    if (page.thread) page.root.querySelector('[data-act="follow"]')?.removeAttribute("hidden");
  });
  load();
}

/** Whether the browser keeps a reader's session in a cookie, as another cookie says. Some throw on the very question. */
function isKept(site: string): boolean {
  try {
    return document.cookie.includes(`parley-in-${site}=`);
  } catch {
    return false;
  }
}
