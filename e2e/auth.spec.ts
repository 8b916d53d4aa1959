import { password, sql } from './support/accounts';
import { expect, test } from './support/fixtures';

test('sign up, sign out, sign in again', async ({ page, axe }) => {
  const email = `person-${Date.now()}@example.com`;
  await page.goto('/signup');
  await expect(page.getByRole('heading', { name: 'Create your account' })).toBeVisible();
  await axe();
  await page.getByLabel('Your name').fill('Joan Clarke');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Organization').fill('Hut Eight');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page).toHaveURL(/\/hut-eight/);
  await expect(page.getByRole('link', { name: /Research report/ }).first()).toBeVisible();

  await page.getByRole('button', { name: 'Joan Clarke, your menu' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/(signin)?$/);
  await page.goto('/hut-eight');
  await expect(page).toHaveURL(/\/signin\?/);

  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page, 'where one wanted to go').toHaveURL(/\/hut-eight/);
});

test('a wrong password and an unknown address get the same answer', async ({ page, account, axe, expectErrors }) => {
  expectErrors(/401/);
  const answers: string[] = [];
  for (const email of [account.email, 'nobody-at-all@example.com']) {
    await page.goto('/signin');
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password', { exact: true }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    const alert = page.getByRole('alert').filter({ hasText: /\w/ });
    await expect(alert).toBeVisible();
    answers.push((await alert.textContent()) ?? '');
  }
  expect(answers[0]).toBe(answers[1]);
  await axe();
});

test('a form with faults says so at its fields', async ({ page, axe }) => {
  await page.goto('/signup');
  await page.getByLabel('E-mail').fill('not an address');
  await page.getByLabel('Password', { exact: true }).fill('short');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText('This does not look like an e-mail address.')).toBeVisible();
  await expect(page.getByText(/At least \d+ characters\./)).toBeVisible();
  await expect(page).toHaveURL(/\/signup/);
  await axe();
});

test('a revoked session is out within five seconds', async ({ page, login, expectErrors }) => {
  expectErrors(/401|UNAUTHORIZED|unauthenticated/i);
  const { userId, organization } = await login();
  await page.goto(`/${organization.slug}`);
  await expect(page).toHaveURL(new RegExp(`/${organization.slug}`));
  await sql('UPDATE session SET revoked_at = now() WHERE user_id = $1', [userId]);
  await expect(async () => {
    await page.goto(`/${organization.slug}`);
    await expect(page).toHaveURL(/\/signin/, { timeout: 200 });
  }).toPass({ timeout: 5_500, intervals: [250] });
});

test('a request from another site changes nothing', async ({ page, login }) => {
  const { organization } = await login();
  await page.goto(`/${organization.slug}`);
  const answer = await page.request.post('/api/trpc/projects.create', {
    headers: { origin: 'https://evil.example', 'content-type': 'application/json' },
    data: { org: organization.slug, name: 'Stolen' },
  });
  expect(answer.status()).toBe(403);
  expect(await sql(`SELECT FROM project WHERE name = 'Stolen'`)).toEqual([]);
});
