import { makeAccount, makeMember, sql } from './support/accounts';
import { expect, test } from './support/fixtures';

test('a viewer reads, and neither runs nor edits', async ({ page, account, login, axe, expectErrors }) => {
  expectErrors(/403/);
  const viewer = await makeMember(account, 'viewer');
  await login(viewer);
  const org = account.organization.slug;
  await page.goto(`/${org}/workflows`);
  await page
    .getByRole('link', { name: /Research report/ })
    .first()
    .click();
  await expect(page.getByRole('heading', { name: /Research report/ }).or(page.getByText('Research report').first())).toBeVisible();
  const run = page.getByRole('button', { name: /^Run\b/ });
  for (const button of await run.all()) await expect(button, 'visible, but off and saying why').toBeDisabled();
  await axe();

  const id = page.url().split('/').at(-1) ?? '';
  const refused = await page.request.post('/api/trpc/runs.start', {
    headers: { 'content-type': 'application/json' },
    data: { org, workflowId: id, source: 'draft', input: {} },
  });
  expect(refused.status()).toBe(403);
  expect(await sql('SELECT FROM run WHERE organization_id = $1', [account.organization.id])).toEqual([]);
});

test('a foreign organization is exactly as absent as one that never was', async ({ page, login, expectErrors }) => {
  expectErrors(/404/);
  const foreign = await makeAccount('Grace Hopper', 'Compilers Incorporated');
  await login();
  const seen: string[] = [];
  for (const slug of [foreign.organization.slug, 'never-was-any']) {
    const answer = await page.goto(`/${slug}`);
    expect(answer?.status()).toBe(404);
    seen.push((await page.locator('body').innerText()).replaceAll(slug, 'SLUG'));
  }
  expect(seen[0]).toBe(seen[1]);
  const workflows = await sql<{ id: string }>('SELECT id FROM workflow WHERE organization_id = $1', [foreign.organization.id]);
  expect(workflows.length).toBeGreaterThan(0);
});

test("another organization's workflow is not to be had through one's own", async ({ page, account, login, expectErrors }) => {
  expectErrors(/404/);
  const foreign = await makeAccount('Grace Hopper', 'Compilers Incorporated');
  await login();
  const [workflow] = await sql<{ id: string }>('SELECT id FROM workflow WHERE organization_id = $1 LIMIT 1', [foreign.organization.id]);
  const read = (id: string) => page.request.get(`/api/trpc/workflows.get?input=${encodeURIComponent(JSON.stringify({ org: account.organization.slug, id }))}`);
  const absentId = '01890000-0000-7000-8000-000000000000';
  const [there, absent] = [await read(workflow?.id ?? ''), await read(absentId)];
  expect([there.status(), absent.status()]).toEqual([404, 404]);
  expect((await there.text()).replaceAll(workflow?.id ?? '-', 'ID')).toBe((await absent.text()).replaceAll(absentId, 'ID'));
});
