// @ts-check
/**
 * What a server's error page says. When the app cannot even be imported, nothing of ours
 * runs in the server, and Werkzeug's debugger answers every request.
 */

/** @typedef {import('./problem.js').Problem} Problem */

/** Code that is not the developer's own. */
const LIBRARIES = /[\\/](?:site-packages|dist-packages|lib[\\/]python[\d.]+)[\\/]/;

/**
 * @param {number} status
 * @param {string} text of the answer
 * @returns {Problem}
 */
export function problemIn(status, text) {
  const traceback = tracebackIn(text);
  if (!traceback) {
    const hint = "The terminal of the server tells more. The page goes on when it is mended.";
    return { title: "The server has an error", message: `It answers with ${status}.`, hint };
  }
  const lines = once(traceback.trimEnd().split("\n"));
  const last = lines.findLastIndex((line) => /^[\w.]+(?::|$)/.test(line));
  const [, title, message] = /^([\w.]+):?\s*([^]*)$/.exec(lines.slice(last).join("\n")) ?? [];
  const problem = { title: shortName(title ?? "Error"), message: message || (title ?? ""), stack: lines.join("\n") };
  return { ...problem, ...placeIn(lines) };
}

/** @param {string} text */
function tracebackIn(text) {
  if (!text.includes("Traceback (most recent call last)")) return undefined;
  // Werkzeug repeats the traceback in a comment at the end, as Python writes it.
  const found = /<!--\s*(Traceback \(most recent call last\)[^]*?)-->\s*$/.exec(text);
  return found?.[1].replace(/\n{2,}$/, "\n");
}

/**
 * Leave out frames that were there before: where an exception is raised again for each
 * request, each time some more of them come in front.
 *
 * @param {string[]} lines
 */
function once(lines) {
  const seen = new Set();
  let isOld = false;
  return lines.filter((line) => {
    if (/^ {2}File "/.test(line)) {
      isOld = seen.has(line);
      seen.add(line);
    } else if (!line.startsWith(" ")) {
      isOld = false;
    }
    return !isOld;
  });
}

/** @param {string} name */
function shortName(name) {
  return name.split(".").at(-1) ?? name;
}

/**
 * The innermost place in the developer's own code, with what Python shows of it.
 *
 * @param {string[]} lines
 */
function placeIn(lines) {
  const places = lines.flatMap((line, index) => {
    const found = /^ {2}File "(.+)", line (\d+)/.exec(line);
    return found ? [{ file: found[1], line: Number(found[2]), index }] : [];
  });
  const place = places.findLast(({ file }) => !LIBRARIES.test(file) && !file.startsWith("<")) ?? places.at(-1);
  if (!place) return {};
  const { file, line, index } = place;
  const code = /^ {4}(.*)$/.exec(lines[index + 1] ?? "")?.[1];
  if (code === undefined) return { file, line };
  const caret = /^ {4}( *)[\^~]/.exec(lines[index + 2] ?? "");
  const frame = { start: line, lines: [code] };
  return caret ? { file, line, column: caret[1].length + 1, frame } : { file, line, frame };
}
