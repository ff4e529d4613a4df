/** Every text the frame's script says, in the page's language. `scripts/texts.py` reads the English ones from here. */
import { _, lang, ngettext, number } from "./texts";

// Made by a call that is marked: parts of the frame that say nothing of this leave it out.
export const say = /* @__PURE__ */ (() => ({
  sending: _("Posting…"),
  loading: _("Loading…"),
  tryAgain: _("Try again"),
  posted: _("Your comment is posted."),
  kept: _("Your unsent text is back."),
  held: (reasons: readonly string[]) =>
    [_("Your comment waits for a moderator. Until then only you can see it."), ...reasons].join(" "),
  empty: _("Write something first."),
  nameless: _("Please give a name. It is shown with your comment."),
  badEmail: _("This is not an e-mail address. You can leave it out."),
  needsEmail: _("To get mail, give your e-mail address."),
  tooLong: (over: number) => ngettext("%(num)s character too many.", "%(num)s characters too many.", over),
  left: (count: number) => ngettext("%(num)s character left", "%(num)s characters left", count),
  over: (count: number) => _("%(num)s too many", { num: number(count) }),
  unreachable: _("There is no connection to the comments. Try again."),
  unreachableKept: _("There is no connection to the comments. Your text is kept and sent when you try again."),
  waitsForConnection: _(
    "There is no connection to the comments. Your text is kept and will be sent once, as soon as there is one.",
  ),
  wait: (seconds: number) => _("It will be sent in %(time)s.", { time: duration(seconds) }),
  waitLong: (seconds: number) => _("Try again in %(time)s.", { time: duration(seconds) }),
  sendsIn: (seconds: number) => _("Sends in %(time)s", { time: clock(seconds) }),
  answering: (name: string) => _("Your reply to %(name)s", { name }),
  more: (count: number) => ngettext("%(num)s more comment.", "%(num)s more comments.", count),
  whole: _("Read the whole comment"),
  less: _("Show less of it"),
  noMore: _("There are no more comments."),
  notLoaded: _("They could not be loaded."),
  sorted: (order: string) => _("Order: %(order)s.", { order }),
  upvote: (count: number) => _("Upvote, %(num)s", { num: number(count) }),
  downvote: (count: number) => _("Downvote, %(num)s", { num: number(count) }),
  folded: (count: number) =>
    count === 0 ? _("Show replies") : ngettext("Show %(num)s reply", "Show %(num)s replies", count),
  unfolded: _("Hide replies"),
  until: (seconds: number) => _("%(time)s left", { time: clock(seconds) }),
  failed: _("That did not work. Try again."),
}))();

/** `4:05` */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** `12 seconds`, `3 minutes`: whole and rounded up, as the language says it. */
export function duration(seconds: number): string {
  const [count, unit] = seconds < 90 ? [Math.ceil(seconds), "second"] : [Math.ceil(seconds / 60), "minute"];
  return new Intl.NumberFormat(lang, { style: "unit", unit, unitDisplay: "long" }).format(count);
}
