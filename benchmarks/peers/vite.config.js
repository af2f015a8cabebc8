/** Vite with its defaults, but for the address. */

export default {
  root: process.env.BENCH_ROOT,
  cacheDir: process.env.BENCH_CACHE,
  server: { host: "127.0.0.1", port: Number(process.env.BENCH_PORT), strictPort: true },
};
