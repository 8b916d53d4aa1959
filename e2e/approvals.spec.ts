import type { APIRequestContext, Page } from '@playwright/test';
import { type Account, makeKey, makeMember } from './support/accounts';
import { expect, test } from './support/fixtures';

const form = {
  type: 'object',
  required: ['amount', 'reason'],
  properties: {
    amount: { type: 'number', title: 'Amount', maximum: 200 },
    reason: { enum: ['Damaged', 'Late'] },
    note: { type: 'string', format: 'textarea' },
  },
};
const message = '**Kim** wants the money back. <script>alert(1)</script> [photos](https://example.com/photos) [trap](javascript:alert(1))';

interface Api {
  key: string;
  request: APIRequestContext;
}
async function call<T>({ key, request }: Api, method: string, path: string, data?: object): Promise<T> {
  const answer = await request.fetch(`${process.env.HEDDLE_E2E_URL}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}` },
    ...(data ? { data } : {}),
  });
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json()) as T;
}

let names = 0;
/** Starts a run of these steps, by the API. */
async function startRun(account: Account, request: APIRequestContext, steps: object[]): Promise<{ runId: string; api: Api }> {
  const api = { key: await makeKey(account), request };
  const definition = { workflow: { name: `waits-${++names}`, title: 'Refunds', steps } };
  const { id } = await call<{ id: string }>(api, 'POST', '/api/v1/workflows', { definition });
  const { runId } = await call<{ runId: string }>(api, 'POST', `/api/v1/workflows/${id}/runs`, { input: { order: 'A-17', price: 99 } });
  return { runId, api };
}
const read = (api: Api, runId: string) => call<{ status: string; output: unknown }>(api, 'GET', `/api/v1/runs/${runId}`);
const asking = { id: 'ask', title: 'Ask the desk', uses: 'approval', with: { title: 'Refund order {{ input.order }}?', message, assignees: 'operator', form } };
const listOf = (page: Page) => page.getByRole('navigation', { name: /^Main/ }).getByRole('link', { name: /Approvals/ });

test('somebody is asked, fills in the form on a phone and approves; the run goes on', async ({ page, login, account, playwright, axe, expectErrors }) => {
  expectErrors(/422/); // the amount that is too large
  const desk = await makeMember(account, 'operator', 'Dana Desk');
  const { runId, api } = await startRun(account, await playwright.request.newContext(), [asking]);
  await login(desk);
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(async () => {
    await page.goto(account.organization.slug);
    await expect(listOf(page)).toContainText('1 waiting for you', { timeout: 2_000 });
  }).toPass({ timeout: 20_000 });
  await listOf(page).click();
  await page.getByRole('link', { name: 'Refund order A-17?' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Refund order A-17?' })).toBeVisible();
  const words = page.getByRole('region', { name: 'Message' });
  await expect(words.locator('strong')).toHaveText('Kim');
  await expect(words).toContainText('<script>alert(1)</script>');
  await expect(words.getByRole('link')).toHaveText(['photos']);
  await expect(page.getByRole('region', { name: 'Data', exact: true }).first()).toContainText('A-17');
  await axe();

  await page.getByRole('textbox', { name: /Amount/ }).fill('500');
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(page.getByText(/at most 200/)).toBeVisible();
  await page.getByRole('textbox', { name: /Amount/ }).fill('99');
  await page.getByRole('combobox', { name: /Reason/ }).click();
  await page.getByRole('option', { name: 'Damaged' }).click();
  await page.getByRole('textbox', { name: 'Comment' }).fill('Fine with me.');
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(page.getByText('Dana Desk approved this')).toBeVisible();
  await expect(page.getByText('“Fine with me.”')).toBeVisible();
  await axe();
  await expect.poll(async () => (await read(api, runId)).status, { timeout: 15_000 }).toBe('succeeded');
  expect((await read(api, runId)).output).toMatchObject({ decision: 'approved', by: { name: 'Dana Desk' }, values: { amount: 99, reason: 'Damaged' } });
  await page.goto(`${account.organization.slug}/approvals?status=decided`);
  await expect(page.getByRole('row', { name: /Refund order A-17/ })).toContainText('Approved');
});

test('who is not asked reads, but does not decide; others can be asked instead', async ({ page, login, account, newBrowser, playwright }) => {
  const viewer = await makeMember(account, 'viewer', 'Vic Viewer');
  const { runId, api } = await startRun(account, await playwright.request.newContext(), [asking]);
  let id = '';
  await expect
    .poll(async () => {
      const { items } = await call<{ items: { id: string }[] }>(api, 'GET', `/api/v1/approvals?run=${runId}`);
      id = items[0]?.id ?? '';
      return id;
    })
    .not.toBe('');
  await login();
  const path = `${account.organization.slug}/approvals/${id}`;
  const other = await newBrowser();
  const theirs = await other.newPage();
  const { signIn } = await import('./support/accounts');
  await signIn(other, viewer);
  await theirs.goto(path);
  await expect(theirs.getByText('This approval asks others')).toBeVisible();
  await expect(theirs.getByRole('button', { name: 'Approve' })).toHaveCount(0);

  await page.goto(path);
  await page.getByRole('button', { name: 'Ask somebody else' }).click();
  await page.getByRole('combobox', { name: 'Who decides' }).click();
  await page.getByRole('option', { name: /Vic Viewer/ }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Ask them' }).click();
  await expect(page.getByRole('region', { name: 'Facts' })).toContainText('Vic Viewer');
  await theirs.reload();
  await theirs.getByRole('button', { name: 'Reject' }).click();
  await expect(theirs.getByText('Vic Viewer rejected this')).toBeVisible();
  await expect(page.getByText('Vic Viewer rejected this')).toBeVisible({ timeout: 15_000 });
  await expect.poll(async () => (await read(api, runId)).status, { timeout: 15_000 }).toBe('succeeded');
});

test('the page of a run says what it waits for, and takes the answer', async ({ page, login, account, playwright, axe }) => {
  const { runId, api } = await startRun(account, await playwright.request.newContext(), [
    { id: 'paid', title: 'Money came', uses: 'signal', with: { name: 'paid', message: 'Send this when the bank has said so.', timeout: '1d' } },
    { id: 'carrier', title: 'Carrier answers', uses: 'callback', with: {} },
  ]);
  await login();
  await page.goto(`${account.organization.slug}/runs/${runId}`);
  const waits = page.getByRole('region', { name: 'What this run waits for' });
  await expect(waits).toContainText('Money came waits for the signal “paid”', { timeout: 15_000 });
  await expect(waits).toContainText('Send this when the bank has said so.');
  await axe();
  await waits.getByRole('textbox', { name: 'Data' }).fill('{"amount": 99');
  await waits.getByRole('button', { name: 'Send the signal' }).click();
  await expect(waits).toContainText('This is not JSON');
  await waits.getByRole('textbox', { name: 'Data' }).fill('{"amount": 99}');
  await waits.getByRole('button', { name: 'Send the signal' }).click();
  await expect(waits).not.toContainText('Money came', { timeout: 15_000 });
  const address = await waits.locator('code').textContent();
  expect((await api.request.post(address ?? '', { data: { ok: true } })).status()).toBe(202);
  await expect(waits).toHaveCount(0, { timeout: 15_000 });
  expect(await read(api, runId)).toMatchObject({ status: 'succeeded', output: { paid: { amount: 99 }, carrier: { body: { ok: true } } } });
  expect((await api.request.post(address ?? '', { data: {} })).status()).toBe(409);
});
