/** The end of a window in which somebody signed in: a code for the frame that opened it, and for no other origin. */
const code = document.body.dataset["code"];
if (window.opener && code) {
  (window.opener as Window).postMessage({ v: 1, type: "handover", code }, location.origin);
  window.close();
}
