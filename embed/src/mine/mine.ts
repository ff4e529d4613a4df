/** The way from the frame to a reader's own page: the capability is traded for an address that works once. */
import type { Page } from "../frame/page";
import { say } from "./say";

/** What the frame knows of this part. */
export interface Mine {
  open(page: Page, button: HTMLButtonElement): Promise<void>;
}

/** Opens one's own page beside the article. Where no window may be opened, the button becomes a link to it. */
export async function open(page: Page, button: HTMLButtonElement): Promise<void> {
  // Now, while the press still counts as the reader's wish; where it leads is asked after.
  const tab = window.open("about:blank");
  if (tab) tab.opener = null;
  button.disabled = true;
  try {
    const site = encodeURIComponent(page.site);
    const { url } = await page.ask<{ url: string }>("POST", `/api/v1/me/link?site=${site}`, { token: page.guest?.token ?? null });
    if (tab) tab.location.replace(url);
    else lead(button, url);
  } catch (error) {
    tab?.close();
    page.alert(error instanceof Error ? error.message : String(error));
  }
  button.disabled = false;
}

function lead(button: HTMLButtonElement, url: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener";
  link.textContent = say.open;
  // It works once: after it, the button asks for another.
  link.addEventListener("click", () => setTimeout(() => link.replaceWith(button), 0));
  button.replaceWith(link);
  link.focus();
}
