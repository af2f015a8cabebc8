/** @web/dev-server as its documentation for hot module replacement has it. */

import { hmrPlugin } from "@web/dev-server-hmr";

export default {
  rootDir: process.env.BENCH_ROOT,
  port: Number(process.env.BENCH_PORT),
  hostname: "127.0.0.1",
  plugins: [hmrPlugin()],
};
