import type { VoteAnswer } from "../shared/answers";
import { say } from "../shared/say";
import { number } from "../shared/texts";
import { ask } from "./api";
import { commentOf, onClick, type Page } from "./page";
import { note } from "./note";

type Value = -1 | 0 | 1;
interface Standing {
  value: Value;
  up: number;
  down: number;
}

/** What a click on one's up or down button makes of the standing: it sets, changes or takes back. */
export function after(now: Standing, clicked: Value): Standing {
  const value: Value = now.value === clicked ? 0 : clicked;
  return {
    value,
    up: now.up + Number(value === 1) - Number(now.value === 1),
    down: now.down + Number(value === -1) - Number(now.value === -1),
  };
}

/** Votes show at once and are put back when the server says no. The last click wins, in whatever order answers come. */
export function start(page: Page): void {
  const wanted = new Map<string, Value>();
  onClick(page, "[data-vote]", (button) => {
    const comment = commentOf(button);
    if (!comment) return;
    const { article, id } = comment;
    const before = read(article);
    const next = after(before, Number(button.dataset["vote"]) as Value);
    show(article, next);
    const isUnderWay = wanted.has(id);
    wanted.set(id, next.value);
    if (!isUnderWay) void send(article, id, before);
  });

  async function send(article: HTMLElement, id: string, before: Standing): Promise<void> {
    try {
      for (;;) {
        const value = wanted.get(id) ?? 0;
        const answer = await ask<VoteAnswer>("PUT", `/api/v1/comments/${id}/vote`, {
          json: { value },
          token: page.guest?.token ?? null,
        });
        page.become(answer.guest);
        if (wanted.get(id) === value) {
          show(article, answer);
          break;
        }
      }
      note(page, article, "");
    } catch (error) {
      show(article, before);
      note(page, article, (error as Error).message);
    }
    wanted.delete(id);
  }
}

/** Presses the buttons of the votes the viewer gave earlier. The numbers count them already. */
export function press(article: HTMLElement, value: number): void {
  for (const button of article.querySelectorAll<HTMLElement>("[data-vote]")) {
    button.ariaPressed = String(Number(button.dataset["vote"]) === value);
  }
}

/** The numbers are others by now; one's own vote stays pressed. */
export function counted(article: HTMLElement | null, up: number, down: number): void {
  if (article) show(article, { ...read(article), up, down });
}

function read(article: HTMLElement): Standing {
  let value: Value = 0;
  const counts = [0, 0];
  for (const button of article.querySelectorAll<HTMLElement>("[data-vote]")) {
    const which = Number(button.dataset["vote"]) as Value;
    if (button.ariaPressed === "true") value = which;
    counts[which === 1 ? 0 : 1] = Number(button.textContent.replace(/\D/g, ""));
  }
  return { value, up: counts[0] ?? 0, down: counts[1] ?? 0 };
}

function show(article: HTMLElement, { value, up, down }: Standing): void {
  press(article, value);
  for (const button of article.querySelectorAll<HTMLElement>("[data-vote]")) {
    const isUp = button.dataset["vote"] === "1";
    const count = isUp ? up : down;
    button.textContent = count ? number(count) : "";
    button.ariaLabel = isUp ? say.upvote(count) : say.downvote(count);
  }
}
