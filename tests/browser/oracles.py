"""Three that look at whether a hostile text did anything, none of which believes the others."""

from __future__ import annotations

from playwright.async_api import Frame, Page

# Runs first in every page and frame. What a payload calls tells its number; what a policy refuses is kept as well.
HOOK = """
window.ran ??= []
window.hit = (number) => { window.ran.push(number) }
for (const name of ["alert", "prompt", "confirm"]) window[name] = window.hit
window.refused = []
addEventListener("securitypolicyviolation", (event) => window.refused.push(event.effectiveDirective))
"""

# All that is in what people wrote and may not be: by the browser's own tree, and by where it would go with a link.
LOOK = """
() => {
  const tags = new Set("p br a em strong del s u code pre blockquote ul ol li details summary".split(" "))
  // data-bare is the frame script's own: what a reader writes gets no such attribute past the wall.
  const attributes = { a: ["href", "rel", "target", "data-bare"], ol: ["start"], details: ["class"] }
  const found = []
  for (const element of document.querySelectorAll(".body *")) {
    const name = element.localName
    if (!tags.has(name) || element.namespaceURI !== "http://www.w3.org/1999/xhtml") found.push(`<${name}>`)
    for (const each of element.attributes)
      if (!(attributes[name] ?? []).includes(each.name)) found.push(`${name} ${each.name}=${each.value}`)
    if (name === "a" && !["http:", "https:", "mailto:"].includes(element.protocol)) found.push(element.href)
  }
  return found
}
"""

# All that runs or loads something anywhere in a page, and is not the product's own.
SCAN = """
() => {
  const found = []
  const roots = [document]
  for (const root of roots) for (const element of root.querySelectorAll("*")) {
    const name = element.localName
    if (element.shadowRoot) roots.push(element.shadowRoot)
    if (name === "template") roots.push(element.content)
    for (const { name: attribute, value } of element.attributes) {
      const target = value.replace(/[\\s\\0-\\x1f]/g, "")
      if (/^on/i.test(attribute)) found.push(`${name} ${attribute}`)
      // A label is read out and goes nowhere, whatever somebody is called.
      const leads = attribute !== "aria-label" && target !== "data:,"
      if (leads && /(^|url=)(javascript|data|vbscript):/i.test(target)) found.push(`${name} ${attribute}`)
    }
    if (name === "script" && !(String(element.src ?? "").startsWith(location.origin + "/") && !element.textContent) &&
        !/json/.test(element.type)) found.push("script")
    if (name === "base" && element.hasAttribute("href")) found.push("base")
    const loads = name === "link" && /style|load|fetch|icon|manifest|connect/.test(element.rel)
    if (loads && element.href !== "data:," && new URL(element.href, location).origin !== location.origin)
      found.push("link")
    // The console draws previews in a sandbox in which nothing runs.
    const isBoxed = name === "iframe" && element.hasAttribute("sandbox") && !element.sandbox.contains("allow-scripts")
    const isOurs = name === "iframe" && !element.srcdoc && element.src.startsWith(location.origin + "/")
    if (!isOurs && !isBoxed &&
        ["iframe", "object", "embed", "math", "video", "audio", "marquee"].includes(name)) found.push(name)
    if (name === "meta" && element.httpEquiv === "refresh") found.push(name)
  }
  return found
}
"""


async def harmless(where: Page | Frame) -> None:
    """Nothing ran, nothing had to be refused, nothing lies there and waits."""
    for oracle in ("window.ran", "window.refused", LOOK, SCAN):
        assert not (seen := await where.evaluate(oracle)), seen[:20]
