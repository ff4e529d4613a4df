/** The site's own sign-in and sign-out pages, as its page names them: Disqus's `sso` object. */
import type { Doors } from "../shared/messages";
import { onClick, type Page } from "../frame/page";
import { say } from "./say";

/** Milliseconds between two looks at whether the small window is closed. */
const LOOK = 300;

/** Puts the links where one writes. The window for signing in closes itself; the page is told then, as it is of leaving. */
export function show(page: Page, given: Doors): void {
  const templates = [...page.root.querySelectorAll("template")].map((each) => each.content);
  const forms = [page.root, ...templates].flatMap((within) => [...within.querySelectorAll("form.composer")]);
  const [login, logout] = [web(given.url), web(given.logout)];
  for (const form of login ? forms : []) {
    const gate = form.querySelector("[data-gate]") ?? Object.assign(document.createElement("p"), { className: "hint" });
    gate.setAttribute("data-gate", "");
    gate.replaceChildren(link("login", login, given.name ? say.signInWith(given.name) : say.signIn));
    if (!gate.isConnected) form.querySelector("[data-signed]")?.before(gate);
  }
  const notice = page.root.querySelector(".notice[data-gate]");
  if (login && notice) {
    notice.querySelector("a")?.remove();
    notice.append(link("login", login, given.name ? say.signInWith(given.name) : say.signIn));
  }
  for (const form of logout ? forms : []) form.querySelector("[data-logout]")?.replaceChildren(link("leave", logout, say.signOut));
  onClick(page, "a[data-login]", (_, event) => {
    event.preventDefault();
    enter(page, login, given);
  });
  onClick(page, "a[data-leave]", (_, event) => {
    event.preventDefault();
    page.host.tell({ v: 1, type: "sso", event: "sso-leave" });
  });
  page.host.measure();
}

function link(mark: string, href: string, words: string): HTMLElement {
  const made = Object.assign(document.createElement("a"), { href, textContent: words });
  made.setAttribute(`data-${mark}`, "");
  return made;
}

function enter(page: Page, url: string, { width, height }: Doors): void {
  const opened = window.open(url, "_blank", `popup,width=${width},height=${height}`);
  const over = (): void => page.host.tell({ v: 1, type: "sso", event: "sso-returned" });
  const look = (): void => {
    // A page may cut itself off from whoever opened it and seem closed then: one is back when one looks here again.
    if (!opened?.closed) setTimeout(look, LOOK);
    else if (document.hasFocus()) over();
    else addEventListener("focus", over, { once: true, signal: page.signal });
  };
  if (opened) setTimeout(look, LOOK);
}

function web(url: string): string {
  return /^https?:\/\//i.test(url) ? url : "";
}
