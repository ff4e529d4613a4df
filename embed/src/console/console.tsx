/** The console: starts when the document is there, speaks the moderator's language, gives cases back when it goes. */
import { render } from "preact";
import { App } from "./app";
import { startClock } from "./clock";
import { followKeys } from "./keys";
import { followHistory } from "./place";
import { preferred, speak } from "./say";
import { readChoices, readStart, start } from "./settings";
import { giveBack, load, signOfLife, site } from "./shift";

async function begin(root: HTMLElement): Promise<void> {
  readStart(root);
  readChoices();
  startClock();
  followHistory();
  followKeys();
  for (const sign of ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"]) addEventListener(sign, signOfLife, { passive: true });
  // Whoever leaves gives back what they hold: the next moderator need not wait for the claims to run out.
  addEventListener("pagehide", () => void giveBack(undefined, true));
  addEventListener("pageshow", (event) => {
    if (event.persisted && site.value) void load(true);
  });
  history.replaceState("first", "");
  await speak(preferred(), start.catalogues);
  root.replaceChildren();
  render(<App />, root);
}

const root = document.getElementById("app");
if (root) void begin(root);
