/** Every text the frame's script says. */
const number = /* @__PURE__ */ new Intl.NumberFormat("en");

export const say = {
  sending: "Posting…",
  loading: "Loading…",
  tryAgain: "Try again",
  posted: "Your comment is posted.",
  kept: "Your unsent text is back.",
  held: (reasons: readonly string[]) =>
    `Your comment waits for a moderator. Until then only you can see it.${reasons.length ? ` ${reasons.join(" ")}` : ""}`,
  empty: "Write something first.",
  nameless: "Please give a name. It is shown with your comment.",
  badEmail: "This is not an e-mail address. You can leave it out.",
  tooLong: (over: number) => `${number.format(over)} ${over === 1 ? "character" : "characters"} too many.`,
  left: (count: number) => `${number.format(count)} ${count === 1 ? "character" : "characters"} left`,
  over: (count: number) => `${number.format(count)} too many`,
  unreachable: "There is no connection to the comments. Try again.",
  unreachableKept: "There is no connection to the comments. Your text is kept and sent when you try again.",
  waitsForConnection:
    "There is no connection to the comments. Your text is kept and will be sent once, as soon as there is one.",
  wait: (seconds: number) => `It will be sent in ${duration(seconds)}.`,
  waitLong: (seconds: number) => `Try again in ${duration(seconds)}.`,
  sendsIn: (seconds: number) => `Sends in ${clock(seconds)}`,
  answering: (name: string) => `Your reply to ${name}`,
  more: (count: number) => `${count} more ${count === 1 ? "comment" : "comments"}.`,
  quote: "Quote in a reply",
  whole: "Read the whole comment",
  less: "Show less of it",
  noMore: "There are no more comments.",
  notLoaded: "They could not be loaded.",
  sorted: (order: string) => `Order: ${order}.`,
  upvote: (count: number) => `Upvote, ${count}`,
  downvote: (count: number) => `Downvote, ${count}`,
  folded: (count: number) => (count === 0 ? "Show replies" : `Show ${count} ${count === 1 ? "reply" : "replies"}`),
  unfolded: "Hide replies",
  until: (seconds: number) => `${clock(seconds)} left`,
  failed: "That did not work. Try again.",
} as const;

/** What is said when one changes, deletes or reports a comment, by a part of its own; so are those below. */
export const sayActing = {
  saving: "Saving…",
  saved: "Your comment is changed.",
  deleted: "Your comment is deleted.",
  editing: "Your comment",
  save: "Save changes",
  reported: "Thank you. A moderator will look at it.",
  reportedShort: "Reported",
  unreasoned: "Choose a reason.",
} as const;

/** What is said of what happens meanwhile. */
export const sayLive = {
  news: (count: number) => `${number.format(count)} new ${count === 1 ? "comment" : "comments"}`,
  changed: "Show what has changed",
  closed: "This discussion is closed.",
  open: "This discussion is open again.",
  notLoaded: "They could not be loaded.",
} as const;

/** What is said while one writes. */
export const sayWriting = {
  tools: "Format the text",
  bold: "Bold",
  italic: "Italic",
  quote: "Quote",
  code: "Code",
  link: "Link",
  spoiler: "Spoiler",
  preview: "Preview",
  nothing: "Nothing to show yet.",
  names: (count: number) =>
    count === 0 ? "No names." : `${count} ${count === 1 ? "name" : "names"}. Choose with the arrow keys.`,
  people: "People in this discussion",
} as const;

/** What is said while one looks for words. */
export const sayFinding = {
  label: "Search in this discussion",
  search: "Search",
  close: "Back to the discussion",
  failed: "They could not be loaded.",
  found: (count: number, hasMore: boolean) =>
    count === 0 && !hasMore
      ? "No comment has these words."
      : `${count} ${count === 1 ? "comment" : "comments"} found${hasMore ? ", so far" : ""}.`,
} as const;

/** What is said about authors one does not want to read. */
export const sayMuting = {
  muted: (name: string) => `You have muted ${name}.`,
  shown: (name: string) => `You read ${name} again.`,
  unmute: "Unmute",
  unmuteOne: (name: string) => `Unmute ${name}`,
  list: (count: number) => `${count} muted ${count === 1 ? "author" : "authors"}`,
  hint: "Comments signed with these names are hidden in this browser, and nowhere else.",
} as const;

/** `4:05` */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** `12 seconds`, `3 minutes`: whole and rounded up. */
export function duration(seconds: number): string {
  const [count, unit] = seconds < 90 ? [Math.ceil(seconds), "second"] : [Math.ceil(seconds / 60), "minute"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
