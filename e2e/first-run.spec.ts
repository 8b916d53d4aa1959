import { password } from './support/accounts';
import { footerOf, nodeOf, runDraft, seenStatuses, watchStatuses } from './support/canvas';
import { expect, test } from './support/fixtures';

test('a newcomer signs up, opens a built-in workflow, runs it and reads its history', async ({ page, axe }) => {
  await page.goto('/');
  await axe();
  await page
    .getByRole('link', { name: /sign up|create an account|get started|start/i })
    .first()
    .click();
  await page.getByLabel('Your name').fill('Mary Somerville');
  await page.getByLabel('E-mail').fill(`mary-${Date.now()}@example.com`);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Organization').fill('Connexion');
  await page.getByRole('button', { name: 'Create account' }).click();

  const workflows = page.getByRole('region', { name: 'Recent workflows' });
  for (const title of ['Research report', 'Data pipeline', 'Daily digest']) await expect(workflows.getByRole('link', { name: title })).toBeVisible();
  await axe();

  await workflows.getByRole('link', { name: 'Data pipeline' }).click();
  await expect(nodeOf(page, 'Fetch earthquakes')).toBeVisible();
  await axe();
  await watchStatuses(page);
  await runDraft(page);
  await expect(nodeOf(page, 'Report').locator('[data-status=succeeded]').first()).toBeVisible();
  await expect(nodeOf(page, 'Data not usable').locator('[data-status=skipped]').first()).toBeVisible();
  const seen = await seenStatuses(page);
  expect(
    seen.some((s) => /:(queued|running)$/.test(s)),
    `live states on the way: ${seen.join(' ')}`,
  ).toBe(true);
  await expect(footerOf(page).getByText('Simulated'), 'a model step is labelled as simulated').toBeVisible();
  await axe();

  await nodeOf(page, 'Figures').click();
  const panel = page.getByRole('complementary', { name: 'Step' });
  await expect(panel).toBeVisible();
  await expect(panel.getByText('averageMagnitude').first()).toBeVisible();
  await axe();

  await page
    .locator('footer')
    .getByRole('link', { name: /Run of/ })
    .click();
  await expect(page).toHaveURL(/\/runs\/[0-9a-f-]{36}/);
  const timeline = page.getByRole('region', { name: 'Timeline' });
  await expect(timeline.getByRole('button', { name: /Fetch earthquakes/ })).toBeVisible();
  await axe();
  await timeline.getByRole('button', { name: /Figures/ }).click();
  await expect(page.getByText('averageMagnitude').first()).toBeVisible();

  await page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name: 'Runs' }).click();
  await expect(page.getByRole('row', { name: /Data pipeline.*Succeeded/ })).toBeVisible();
});

for (const title of ['Research report', 'Daily digest']) {
  test(`${title} runs without any key`, async ({ page, login }) => {
    const { organization } = await login();
    await page.goto(`/${organization.slug}/workflows`);
    await page.getByRole('link', { name: title }).click();
    await runDraft(page);
  });
}

test('what fails says why on its node and in the history', async ({ page, login, axe }) => {
  const { organization } = await login();
  await page.goto(`/${organization.slug}/workflows`);
  await page.getByRole('link', { name: 'Data pipeline' }).click();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Run with' });
  await dialog.getByLabel('Address of the data').fill('http://169.254.169.254/latest/meta-data');
  await dialog.getByRole('button', { name: 'Run', exact: true }).click();
  const node = nodeOf(page, 'Fetch earthquakes');
  await expect(node.locator('[data-status=failed]').first(), 'an address inside the machine is refused').toBeVisible({ timeout: 30_000 });
  await expect(footerOf(page).getByText('Failed')).toBeVisible({ timeout: 30_000 });
  await axe();
  await page
    .locator('footer')
    .getByRole('link', { name: /Run of/ })
    .click();
  await expect(page.getByText('Why this run failed')).toBeVisible();
  await axe();
});
