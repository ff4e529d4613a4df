// Builds what browsers get into service/static/: minified, named by content, ready-compressed, within its budget.
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, parse } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "service", "static");
const made = join(here, "dist");

// Loaders run in pages of others: one file, no names leaked, and a name that never changes.
// `widgets.js` is a module of its own that the loader brings where a page has widgets.
const LOADERS = { "embed.js": "src/loader/embed.ts", "count.js": "src/count/count.ts", "widgets.js": "src/widgets/widgets.ts" };
// The same in Disqus's dialect: handed out per forum, wrapped in what the server says of it (service/disqus).
const FORUMS = { "forum-embed.js": "src/disqus/embed.ts", "forum-count.js": "src/disqus/count.ts" };
const HASHED = {
  "frame.js": "src/frame/frame.ts",
  // Parts of the frame that come when they are asked for.
  "acting.js": "src/acting/acting.ts",
  "live.js": "src/live/live.ts",
  "writing.js": "src/writing/writing.ts",
  "finding.js": "src/finding/finding.ts",
  "mine.js": "src/mine/mine.ts",
  "muting.js": "src/muting/muting.ts",
  "sso.js": "src/sso/sso.ts",
  "entering.js": "src/entering/entering.ts",
  "following.js": "src/following/following.ts",
  "handover.js": "src/entering/handover.ts",
  // In pages of Parley's own.
  "passkey.js": "src/passkey/passkey.ts",
  "frame.css": "styles/frame.css",
  "parts.css": "styles/parts.css",
  "own.css": "styles/own.css",
  "widget.css": "styles/widget.css",
  "console.js": "src/console/console.tsx",
  "console-en.js": "src/console/texts/en.ts",
  "console-de.js": "src/console/texts/de.ts",
  "console-ar.js": "src/console/texts/ar.ts",
  "console.css": "styles/console.css",
  "desk.css": "styles/desk.css",
};

// The loaders are modules, written for strict mode and not in need of it: `"use strict"` would be bytes of every page.
const LOADED = { format: "iife", target: "es2020", tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } } };

const MODULE = { format: "esm", target: "es2022" };

async function bundle(entry, options) {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    jsx: "automatic",
    jsxImportSource: "preact",
    ...options,
  });
  return Buffer.from(outputFiles[0].contents);
}

function hashed(name, content) {
  const { name: stem, ext } = parse(name);
  return `${stem}.${createHash("sha256").update(content).digest("hex").slice(0, 12)}${ext}`;
}

async function write(file, content) {
  const gzip = gzipSync(content, { level: 9 });
  const brotli = brotliCompressSync(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  });
  await Promise.all([
    writeFile(join(made, file), content),
    writeFile(join(made, `${file}.gz`), gzip),
    writeFile(join(made, `${file}.br`), brotli),
  ]);
  return { raw: content.length, gzip: gzip.length, brotli: brotli.length };
}

await rm(made, { recursive: true, force: true });
await mkdir(made, { recursive: true });

const budgets = JSON.parse(await readFile(join(here, "sizes.json"), "utf8"));
const manifest = {};
// A shadow's style sheet is text in its script: a page's policy on styles has nothing to allow then.
const WIDGET_CSS = JSON.stringify((await bundle("styles/lists.css", {})).toString().trim());
const over = [];
for (const [name, entry] of Object.entries({ ...LOADERS, ...FORUMS, ...HASHED })) {
  const isLoader = name in LOADERS;
  const isOurs = name in HASHED;
  const isModule = isOurs || name === "widgets.js";
  const content = await bundle(entry, isModule ? { ...MODULE, define: { WIDGET_CSS } } : { ...LOADED, define: { IS_DIALECT: String(name in FORUMS) } });
  manifest[name] = isLoader ? name : hashed(name, content);
  const size = await write(manifest[name], content);
  const budget = budgets[name];
  if (budget === undefined || size.gzip > budget) over.push(`${name}: ${size.gzip} bytes gzipped, budget ${budget ?? "missing"}`);
  console.log(`${manifest[name].padEnd(28)} ${size.raw} B, gzip ${size.gzip} of ${budget}, brotli ${size.brotli}`);
}
await writeFile(join(made, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);

if (over.length > 0) {
  console.error(`Over budget (embed/sizes.json):\n  ${over.join("\n  ")}`);
  process.exit(1);
}
// Put in place as a whole: a server that starts now finds the old files or the new ones, never half of each.
await rm(out, { recursive: true, force: true });
await rename(made, out);
