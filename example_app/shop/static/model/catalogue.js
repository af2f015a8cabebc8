/** The seeds of the shop, as the page brings them along. */

const seeds = JSON.parse(document.getElementById('catalogue').textContent);
const bySlug = new Map(seeds.map((seed) => [seed.slug, seed]));

/** Gives a seed: { slug, name, variety, kind, sow: [first, last], spacing }. */
export function seedOf(slug) {
  return bySlug.get(slug);
}
