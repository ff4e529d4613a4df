/** Every text the frame's script says. */
const number = new Intl.NumberFormat("en");

export const say = {
  sending: "Posting…",
  saving: "Saving…",
  loading: "Loading…",
  tryAgain: "Try again",
  posted: "Your comment is posted.",
  saved: "Your comment is changed.",
  deleted: "Your comment is deleted.",
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
  wait: (seconds: number) => `It will be sent in ${duration(seconds)}.`,
  waitLong: (seconds: number) => `Try again in ${duration(seconds)}.`,
  sendsIn: (seconds: number) => `Sends in ${clock(seconds)}`,
  answering: (name: string) => `Your reply to ${name}`,
  editing: "Your comment",
  save: "Save changes",
  more: (count: number) => `${count} more ${count === 1 ? "comment" : "comments"}.`,
  news: (count: number) => `${number.format(count)} new ${count === 1 ? "comment" : "comments"}`,
  changed: "Show what has changed",
  closed: "This discussion is closed.",
  noMore: "There are no more comments.",
  notLoaded: "They could not be loaded.",
  sorted: (order: string) => `Order: ${order}.`,
  upvote: (count: number) => `Upvote, ${count}`,
  downvote: (count: number) => `Downvote, ${count}`,
  reported: "Thank you. A moderator will look at it.",
  reportedShort: "Reported",
  unreasoned: "Choose a reason.",
  folded: (count: number) => (count === 0 ? "Show replies" : `Show ${count} ${count === 1 ? "reply" : "replies"}`),
  unfolded: "Hide replies",
  until: (seconds: number) => `${clock(seconds)} left`,
  failed: "That did not work. Try again.",
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
