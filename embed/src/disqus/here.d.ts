/** What the server says to the script of a forum as it hands it out (service/disqus/scripts.py). */
interface Here {
  /** The forum's shortname. */
  forum: string;
  /** Parley's own origin. */
  origin: string;
  /** The orders the site offers. */
  sorts: string[];
  /** What is shown in place of comments, where there is nothing to show. */
  problem?: string;
}

declare const here: Here;
