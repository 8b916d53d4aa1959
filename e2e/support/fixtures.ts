import { AxeBuilder } from '@axe-core/playwright';
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test';
import { type Account, makeAccount, signIn } from './accounts';

interface Fixtures {
  /** a fresh person with an organization of their own, not signed in */
  account: Account;
  /** signs this test's browser in, as `account` or as the one given, and returns it */
  login: (account?: Account) => Promise<Account>;
  /** fails on serious or critical accessibility faults of the page as it is now */
  axe: (page?: Page) => Promise<void>;
  /** console errors that this test provokes on purpose */
  expectErrors: (pattern: RegExp) => void;
  /** another browser, with the same watch over its console */
  newBrowser: () => Promise<BrowserContext>;
}

/** What browsers say about things that are in order. */
const harmless = [/Download the React DevTools/, /net::ERR_ABORTED/];

export const test = base.extend<Fixtures & { watch: Watch }>({
  baseURL: async ({}, use) => use(process.env.HEDDLE_E2E_URL),

  watch: [
    async ({ context }, use) => {
      const watch = new Watch();
      watch.over(context);
      await use(watch);
      expect(watch.unexpected(), 'errors in the browser').toEqual([]);
    },
    { auto: true },
  ],

  account: async ({}, use) => use(await makeAccount()),

  login: async ({ context, account }, use) =>
    use(async (other = account) => {
      await signIn(context, other);
      return other;
    }),

  axe: async ({ page }, use) => use((other = page) => checkAccessibility(other)),

  expectErrors: async ({ watch }, use) => use((pattern) => watch.allow(pattern)),

  newBrowser: async ({ browser, baseURL, watch }, use) => {
    const opened: BrowserContext[] = [];
    await use(async () => {
      const context = await browser.newContext({ baseURL, viewport: { width: 1440, height: 900 } });
      watch.over(context);
      opened.push(context);
      return context;
    });
    for (const context of opened) await context.close();
  },
});

export { expect };

/** Collects console errors and uncaught exceptions of every page. */
class Watch {
  readonly #errors: string[] = [];
  readonly #allowed: RegExp[] = [...harmless];

  over(context: BrowserContext): void {
    context.on('console', (message) => {
      if (message.type() === 'error') this.#errors.push(`${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.#errors.push(`uncaught: ${error.error().stack ?? error.error().message}`));
  }

  allow(pattern: RegExp): void {
    this.#allowed.push(pattern);
  }

  unexpected(): string[] {
    return this.#errors.filter((error) => !this.#allowed.some((pattern) => pattern.test(error)));
  }
}

async function checkAccessibility(page: Page): Promise<void> {
  // transitions pass through colours that no one ever reads
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((a) => a.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY)
        .map((a) => a.finished.catch(() => undefined)),
    ),
  );
  // the title comes with the part of the page that knows it
  await expect(page).toHaveTitle(/./);
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
  // the initials in a picture of a person are no label that somebody would say or look for
  const initials = (id: string, html: string): boolean => id === 'label-content-name-mismatch' && html.includes(', your menu');
  for (const v of violations) v.nodes = v.nodes.filter((n) => !initials(v.id, n.html));
  const faults = violations
    .filter((v) => v.nodes.length > 0)
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map(
      (v) =>
        `${v.impact} ${v.id}: ${v.help}\n${v.nodes.map((n) => `    ${n.target.join(' ')}\n      ${n.failureSummary?.replaceAll('\n', '\n      ')}`).join('\n')}`,
    );
  expect(faults, `accessibility of ${page.url()}`).toEqual([]);
}
