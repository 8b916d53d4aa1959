/** Writes public/schemas/awl.json from the schema that parses AWL: `npx tsx scripts/generate-awl-schema.ts`. A test fails when the file is stale. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { awlJsonSchema } from '@/core/workflow/awl-json-schema';

const directory = new URL('../public/schemas/', import.meta.url);
mkdirSync(directory, { recursive: true });
writeFileSync(new URL('awl.json', directory), `${JSON.stringify(awlJsonSchema(), null, 2)}\n`);
process.stdout.write('Wrote public/schemas/awl.json\n');
