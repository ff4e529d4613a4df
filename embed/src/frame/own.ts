import type { CommentAnswer, PostedAnswer, ViewerAnswer } from "../shared/answers";
import { say } from "../shared/say";
import { ask, Refused } from "./api";
import { articleOf, copyOf, idOf, parse, repliesOf, type Page } from "./page";
import { press } from "./votes";

/** What belongs to the viewer: comments to edit, votes to show pressed. */
export interface Own {
  /** The source of an own comment that may still be changed. */
  bodyOf(id: string): string | null;
  lose(id: string): void;
  /** Asks anew: the viewer is somebody else now. */
  again(): void;
  /** Takes what came of posting or editing. */
  owned(answer: PostedAnswer, body: string): void;
}

interface Kept {
  body: string;
  /** Until when it may be changed, in milliseconds since 1970; 0 for never. */
  until: number;
  /** How it is drawn: not every comment of one's own is in the page that the server draws for all. */
  drawn: { comment: CommentAnswer; fragment: string; isHeld: boolean } | null;
}

/** Lays what is the viewer's own over the page that is the same for all. Strangers ask nothing. */
export function start(page: Page): Own {
  const kept = new Map<string, Kept>();
  const votes = new Map<string, number>();

  const dress = (piece: ParentNode): void => {
    for (const mine of kept.values()) if (mine.drawn) insertOwn(page, mine.drawn);
    for (const article of piece.querySelectorAll<HTMLElement>("article.comment")) {
      const id = idOf(article);
      const vote = votes.get(id);
      if (vote) press(article, vote);
      if (kept.has(id)) markOwn(page, article);
    }
    const mine = page.root.querySelector<HTMLElement>("[data-me]");
    if (mine) mine.hidden = !page.guest;
    tick(page, kept);
  };
  page.dressers.push(dress);
  const timer = setInterval(() => tick(page, kept), 1000);
  page.signal.addEventListener("abort", () => clearInterval(timer));

  const again = (): void => {
    for (const [id, { drawn }] of kept) {
      const article = articleOf(id);
      article?.classList.remove("mine");
      for (const vote of article?.querySelectorAll<HTMLButtonElement>("[data-vote]") ?? []) vote.disabled = false;
      article?.querySelector("[data-own]")?.remove();
      if (drawn?.isHeld) article?.closest("li")?.remove();
    }
    for (const id of votes.keys()) {
      const article = articleOf(id);
      if (article) press(article, 0);
    }
    kept.clear();
    votes.clear();
    if (page.guest && page.thread) void look(page, page.thread, kept, votes).then(() => dress(page.root));
  };
  again();
  return {
    again,
    bodyOf: (id) => kept.get(id)?.body ?? null,
    lose: (id) => kept.delete(id),
    owned({ comment, status, editable_until, fragment }, body) {
      kept.set(comment.id, keep(body, editable_until, comment, fragment, status === "held"));
      dress(page.root);
    },
  };
}

function keep(
  body: string,
  until: string | null,
  comment: CommentAnswer,
  fragment: string | null | undefined,
  isHeld: boolean,
): Kept {
  return {
    body,
    until: until ? Date.parse(until) : 0,
    drawn: fragment ? { comment, fragment, isHeld } : null,
  };
}

async function look(page: Page, thread: string, kept: Map<string, Kept>, votes: Map<string, number>): Promise<void> {
  let viewer: ViewerAnswer;
  const asking = page.guest;
  try {
    viewer = await ask("GET", `/api/v1/threads/${thread}/viewer?fragment=true`, { token: page.guest?.token ?? null });
  } catch (error) {
    // A capability the server does not take any more is of no use; anything else may pass.
    if (error instanceof Refused && error.status === 401) page.forget();
    return;
  }
  // Somebody else's by now.
  if (page.guest !== asking) return;
  if (viewer.name) page.become(null, viewer.name);
  for (const [id, value] of Object.entries(viewer.votes)) votes.set(id, value);
  for (const mine of viewer.own) {
    kept.set(mine.id, keep(mine.body, mine.editable_until, mine.comment, mine.fragment, mine.state === "held"));
  }
}

/**
 * A held comment is not in the page that all get; its author sees it in its place. So is any other comment of one's own
 * that a list lacks although it is complete; in one that goes on it may still come.
 */
function insertOwn(page: Page, { comment, fragment, isHeld }: NonNullable<Kept["drawn"]>): void {
  const parent = comment.parent ? articleOf(comment.parent) : null;
  const list = comment.parent ? parent && repliesOf(parent) : page.root.dataset["focus"] ? null : page.list;
  if (!isHeld && (list?.querySelector(":scope > .more") || new URLSearchParams(location.search).has("cursor"))) return;
  const [item] = articleOf(comment.id) || !list ? [] : parse(fragment);
  if (!item || !list) return;
  page.root.querySelector("[data-empty]")?.remove();
  list.prepend(item);
  page.drawn(item);
}

function markOwn(page: Page, article: HTMLElement): void {
  if (article.classList.contains("mine")) return;
  article.classList.add("mine");
  for (const vote of article.querySelectorAll<HTMLButtonElement>("[data-vote]")) vote.disabled = true;
  article.querySelector('[data-act="report"]')?.remove();
  const controls = copyOf<HTMLElement>(page, "own");
  if (controls) article.querySelector(".acts")?.append(controls);
  // Whoever may change a comment gets what that takes beforehand: the first keys must not go astray.
  void page.load("acting").catch(() => null);
}

/** Shows how long each own comment can be changed, and takes the controls away in the end. */
function tick(page: Page, kept: Map<string, Kept>): void {
  for (const [id, { until }] of kept) {
    const controls = articleOf(id)?.querySelector<HTMLElement>("[data-own]");
    if (!controls) continue;
    const left = (until - Date.now()) / 1000;
    if (left <= 0) {
      // Somebody who is just using them keeps them; the server decides.
      if (!controls.contains(document.activeElement)) controls.remove();
      page.host.measure();
      continue;
    }
    const shown = controls.querySelector<HTMLElement>("[data-until]");
    if (shown) shown.textContent = say.until(left);
  }
}
