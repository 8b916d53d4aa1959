import { existsSync, readdirSync } from 'node:fs';

/**
 * Who may import what: the layer rules of the design (docs/architecture.md), as errors. `npm run layers` checks them.
 * A `to` with `dependencyTypesNot: ['type-only']` still allows `import type`: types vanish before anything runs.
 */
const test = '\\.test\\.tsx?$';
const harness = '^server/[^/]+/testing[a-z-]*\\.ts$';
/** folders of server/ that hold no domain: machinery everyone may use, and entry points nobody may use */
const machinery = ['auth', 'db', 'lib', 'queue', 'engine', 'sandbox', 'models'];
const entries = ['api', 'http', 'processes', 'collab', 'cli'];
const folders = readdirSync('server', { withFileTypes: true })
  .filter((e) => e.isDirectory())
  .map((e) => e.name);
const domains = folders.filter((name) => !machinery.includes(name) && !entries.includes(name));
/** from here on a folder is entered by its face alone */
const faced = domains.filter((name) => existsSync(`server/${name}/index.ts`));
/** audit/record.ts is part of every verb, like auth/authorize.ts */
const face = '(index|schema|record)';
const any = (names) => `(${names.join('|')})`;

/** Never import a file of this layer from outside of `allowed`. */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const values = { dependencyTypesNot: ['type-only'] };

export default {
  forbidden: [
    rule('no-cycles', 'A cycle has no first module: move what both need into a third file.', {}, { circular: true, viaOnly: values }),
    rule('resolvable', 'This import leads nowhere.', { pathNot: test }, { couldNotResolve: true, pathNot: 'generated/client|^next/|^geist/' }),
    rule(
      'core-is-pure',
      'core/ runs in the browser, on the server and in tests: it imports core/ alone.',
      { path: '^core/', pathNot: test },
      { path: '^(?!core/|node_modules/)', dependencyTypesNot: ['core', 'unknown'] },
    ),
    rule('core-no-node', 'core/ has no clock, no I/O, no Node built-in.', { path: '^core/', pathNot: test }, { dependencyTypes: ['core'] }),
    rule(
      'core-few-packages',
      'core/ knows zod, yaml, and the expression library with its regular expressions.',
      { path: '^core/', pathNot: test },
      { path: 'node_modules/', pathNot: 'node_modules/(zod|yaml|@marcbachmann/cel-js|@bufbuild/re2)/' },
    ),
    rule(
      'components-no-server',
      'The browser gets types of the server, never its code.',
      { path: '^components/' },
      { path: '^(server|app|scripts|prisma|e2e)/', ...values },
    ),
    rule(
      'components-definitions-only',
      'Of a node type the browser may load the definition alone.',
      { path: '^(components|app)/' },
      { path: '^nodes/', pathNot: '^nodes/(definitions\\.ts$|[^/]+/definition\\.ts$)' },
    ),
    rule('components-no-node', 'A Node built-in does not exist in the browser.', { path: '^components/', pathNot: test }, { dependencyTypes: ['core'] }),
    rule(
      'app-through-the-caller',
      'Pages reach the server through the tRPC caller and the session.',
      { path: '^app/' },
      { path: '^server/', pathNot: '^server/(api|auth|env)(/|\\.ts$)', ...values },
    ),
    rule(
      'definitions-are-light',
      'A definition is loaded by every page: core/ and zod, nothing else.',
      { path: '^nodes/[^/]+/definition\\.ts$' },
      { path: '^(server|components|app)/|^nodes/[^/]+/executor', ...values },
    ),
    rule(
      'nodes-stand-alone',
      'A node type uses core/ and server/lib; what it needs from outside is injected.',
      { path: '^nodes/([^/]+)/', pathNot: test },
      { path: '^(server|components|app|scripts|nodes)/', pathNot: '^server/lib/|^nodes/$1/', ...values },
    ),
    rule(
      'entries-not-the-database',
      'Entry points call verbs; verbs own the database. Provisioning and closing it is the exception.',
      { path: `^server/${any(entries)}/`, pathNot: test },
      { path: '^server/db/', pathNot: '^server/db/(provision|client|connect-owner|migrate)\\.ts$', ...values },
    ),
    rule(
      'domains-not-entries',
      'A verb does not know who calls it.',
      { path: `^server/${any([...domains, ...machinery])}/`, pathNot: `${test}|${harness}` },
      { path: `^server/${any(entries)}/` },
    ),
    ...faced.map((name) =>
      rule(
        `face-of-${name}`,
        `server/${name} is entered through its index.ts or schema.ts.`,
        { path: '^server/', pathNot: `^server/${name}/|${test}` },
        { path: `^server/${name}/`, pathNot: `^server/${name}/${face}\\.ts$` },
      ),
    ),
    rule(
      'lib-has-no-domain',
      'server/lib has no domain words.',
      { path: '^server/lib/', pathNot: test },
      { path: '^server/', pathNot: '^server/(lib/|env\\.ts$)' },
    ),
    rule('tests-stay-tests', 'The test harness is for tests.', { pathNot: `${test}|${harness}|^e2e/` }, { path: `${harness}|${test}` }),
    rule(
      'app-is-a-leaf',
      'Nothing imports routes, scripts or end-to-end tests.',
      { pathNot: '^(app|e2e|scripts)/|\\.test\\.ts$' },
      { path: '^(app|e2e|scripts)/' },
    ),
    rule(
      'egress-owns-the-network',
      'Requests leave through one client, which checks the address.',
      { path: '^(server|nodes|core)/', pathNot: `^server/lib/egress/|${test}` },
      { path: '^(https|node:https|undici)$|node_modules/undici/', ...values },
    ),
    rule('billing-owns-stripe', 'The Stripe SDK lives in server/billing.', { pathNot: '^server/billing/' }, { path: 'node_modules/stripe/' }),
    rule('declared', 'Import what package.json names.', {}, { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] }),
    rule(
      'product-without-dev-packages',
      'The product runs on dependencies alone.',
      { path: '^(app|components|core|nodes|server)/', pathNot: `${test}|${harness}` },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], dynamic: false },
    ),
  ],
  options: {
    parser: 'swc', // TypeScript 7 has no JavaScript API (docs/decisions/0009)
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.next/|/generated/|^dist/|^scripts/bench/peers/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.css'],
    },
  },
};
