import { expect, test } from './support/fixtures';

/** Every page a person can reach. `{org}` is the slug of the organization. */
const publicPages = ['/', '/signin', '/signup', '/store', '/docs', '/status'];
const ownPages = [
  '/{org}',
  '/{org}/workflows',
  '/{org}/runs',
  '/{org}/approvals',
  '/{org}/dead-letters',
  '/{org}/settings/general',
  '/{org}/settings/members',
  '/{org}/settings/api-keys',
  '/{org}/settings/credentials',
  '/{org}/settings/circuits',
  '/{org}/settings/audit',
];
const looks = [
  { name: 'light', width: 1440, height: 900, colorScheme: 'light' },
  { name: 'dark', width: 1440, height: 900, colorScheme: 'dark' },
  { name: 'on a phone', width: 390, height: 844, colorScheme: 'light' },
] as const;

for (const look of looks) {
  test.describe(look.name, () => {
    test.use({ viewport: { width: look.width, height: look.height }, colorScheme: look.colorScheme });

    test('public pages are accessible and quiet', async ({ page, axe }) => {
      for (const path of publicPages) {
        const answer = await page.goto(path);
        expect(answer?.status(), path).toBe(200);
        await expect(page.getByRole('heading', { level: 1 }), path).toHaveCount(1);
        await expectNoSidewaysScroll(page);
        await axe();
      }
    });

    test('pages of an organization are accessible and quiet', async ({ page, login, axe }) => {
      const { organization } = await login();
      for (const path of ownPages) {
        await page.goto(path.replace('{org}', organization.slug));
        await expect(page.getByRole('heading', { level: 1 }), path).toBeVisible();
        await expect(page.getByRole('progressbar').or(page.locator('[aria-busy=true]')), path).toHaveCount(0);
        await expectNoSidewaysScroll(page);
        await axe();
      }
    });
  });
}

async function expectNoSidewaysScroll(page: import('@playwright/test').Page): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(over, `${page.url()} is wider than the window`).toBeLessThanOrEqual(0);
}
