/**
 * The frame: the server has drawn the discussion, this makes it answer. Each behaviour finds its marks in the page and
 * works without the others.
 */
import * as fold from "./fold";
import { openHost } from "./host";
import * as more from "./more";
import * as own from "./own";
import * as paper from "./paper";
import { openPage } from "./page";
import * as parts from "./parts";
import * as permalink from "./permalink";
import * as posting from "./posting";
import * as quote from "./quote";
import * as size from "./size";
import * as sort from "./sort";
import * as times from "./times";
import * as votes from "./votes";

const root = document.getElementById("parley");
if (root) {
  const controller = new AbortController();
  const page = openPage(root, openHost(root, controller.signal), controller.signal);
  page.host.tell({ v: 1, type: "ready", title: document.getElementById("parley-title")?.firstChild?.textContent?.trim() ?? "" });
  size.start(page);
  times.start(page);
  paper.start(page);
  fold.start(page);
  more.start(page);
  sort.start(page);
  votes.start(page);
  quote.start(page);
  const mine = own.start(page);
  posting.start(page, mine.owned);
  parts.start(page, mine);
  permalink.start(page);
  page.host.tell({ v: 1, type: "count", count: Number(root.dataset["count"]) });
  page.host.measure();
}
