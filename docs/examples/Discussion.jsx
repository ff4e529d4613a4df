import { useEffect, useRef } from "react";

const PARLEY = "https://comments.example.org";
let loading;

/** The loader, once for the whole application. */
function load() {
  loading ??= new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: `${PARLEY}/embed.js`, async: true });
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
  return loading;
}

/** The discussion of a page; `token` is signed by your server, null when nobody is signed in. */
export function Discussion({ site, url, token = null, onExpired }) {
  const place = useRef(null);

  useEffect(() => {
    const element = place.current;
    let isGone = false;
    load().then(() => isGone || window.Parley.mount(element, { site, url, sso: token }));
    element.addEventListener("parley:sso-expired", onExpired);
    return () => {
      isGone = true;
      element.removeEventListener("parley:sso-expired", onExpired);
      window.Parley?.destroy(element);
    };
  }, [site, url]);

  useEffect(() => {
    if (window.Parley && place.current) window.Parley.update({ sso: token });
  }, [token]);

  return <div ref={place} style={{ minHeight: 400 }} />;
}
