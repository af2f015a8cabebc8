/**
 * The floor: what the browser alone needs. Everything comes from memory, over
 * connections that stay open, and may be kept for ever.
 *
 * usage: node floor.js FOLDER PORT
 */

import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const [folder, port] = process.argv.slice(2);
const files = new Map(readdirSync(folder).map((name) => [`/${name}`, readFileSync(join(folder, name))]));

createServer((request, response) => {
  const url = request.url === "/" ? "/index.html" : (request.url ?? "");
  const body = files.get(url);
  if (!body) return response.writeHead(404).end();
  const isModule = url.endsWith(".js");
  response.writeHead(200, {
    "Content-Type": isModule ? "text/javascript" : "text/html",
    "Content-Length": body.length,
    "Cache-Control": isModule ? "max-age=31536000, immutable" : "no-store",
  });
  response.end(body);
}).listen(Number(port), "127.0.0.1", () => console.log("ready"));
