import { startRun } from '@/server/runs';
import { createWorkflow } from '@/server/workflows';
import type { Account } from './support/accounts';
import { sql } from './support/accounts';
import { expect, test } from './support/fixtures';

const breaks = {
  workflow: {
    name: 'orders',
    title: 'Orders',
    steps: [
      { id: 'fetch', title: 'Fetch order', uses: 'transform', with: { value: { total: 7 } } },
      {
        id: 'charge',
        title: 'Charge card',
        uses: 'code',
        depends_on: ['fetch'],
        with: { source: 'if (!input.ok) throw new Error("The card was refused"); data.total * 2' },
      },
      { id: 'thank', title: 'Say thanks', uses: 'transform', depends_on: ['charge'], with: { value: 'charged {{ data }}' } },
    ],
  },
};
const waits = {
  workflow: {
    name: 'rest',
    title: 'Rest',
    steps: [
      { id: 'nap', title: 'Nap', uses: 'delay', with: { for: '1h' } },
      { id: 'wake', title: 'Wake up', depends_on: ['nap'] },
    ],
  },
};
const loops = {
  workflow: {
    name: 'rounds',
    title: 'Rounds',
    steps: [
      {
        id: 'each',
        title: 'Each number',
        uses: 'for-each',
        with: { items: '{{ input.numbers }}', errors: 'collect' },
        steps: [{ id: 'check', title: 'Check it', uses: 'code', with: { source: 'if (data === 13) throw new Error("Unlucky"); data', values: {} } }],
      },
    ],
  },
};

async function begin(account: Account, definition: Record<string, unknown>, input: object): Promise<string> {
  const { id } = await createWorkflow(account.ctx, { definition });
  return (await startRun(account.ctx, { workflowId: id, input })).runId;
}
const status = async (id: string) => (await sql<{ status: string }>('SELECT status FROM run WHERE id = $1', [id]))[0]?.status;

test('a run that failed is run again from a step with another input, and shows what it kept', async ({ page, account, login, axe }) => {
  await login(account);
  const org = account.organization.slug;
  const failed = await begin(account, breaks, { ok: false });
  await expect.poll(() => status(failed), { timeout: 30_000 }).toBe('failed');
  await page.goto(`/${org}/runs/${failed}`);
  await expect(page.getByText('The card was refused').first()).toBeVisible();
  const step = page.getByRole('region', { name: 'Step Charge card' });
  await step.getByRole('button', { name: 'Actions of the step Charge card' }).click();
  await page.getByRole('menuitem', { name: 'Run again from here…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Run again from a step' });
  await expect(dialog.getByText('Fetch order').first()).toBeVisible();
  await dialog.getByLabel('Another input of the run').check();
  await dialog.getByRole('textbox', { name: 'Input of the run' }).fill('{"ok": true');
  await expect(dialog.getByText(/This is not JSON/)).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Run again' })).toBeDisabled();
  await dialog.getByRole('textbox', { name: 'Input of the run' }).fill('{"ok": true}');
  await axe();
  await dialog.getByRole('button', { name: 'Run again' }).click();
  await page.waitForURL((url) => url.pathname.startsWith(`/${org}/runs/`) && !url.pathname.endsWith(failed));
  await expect(page.getByText('"charged 14"')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText('Kept from the other run')).toHaveCount(1);
  await expect(page.getByRole('link', { name: new RegExp(`Re-run of run ${failed.slice(-6)}, from charge`) })).toBeVisible();
  await page.getByRole('button', { name: 'Replay' }).click();
  await expect(page.getByText('Replay', { exact: true }).first()).toBeVisible();
  await axe();
});

test('a run is paused, resumed and cancelled', async ({ page, account, login, axe }) => {
  await login(account);
  const run = await begin(account, waits, {});
  await expect.poll(() => status(run), { timeout: 30_000 }).toBe('waiting');
  await page.goto(`/${account.organization.slug}/runs/${run}`);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText(`Paused by ${account.name}`)).toBeVisible({ timeout: 15_000 });
  await axe();
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible({ timeout: 15_000 });
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Cancel the run' }).click();
  await expect(page.getByText('Cancelled').first()).toBeVisible({ timeout: 15_000 });
});

test('a loop shows its iterations; those that failed are found', async ({ page, account, login, axe }) => {
  await login(account);
  const numbers = Array.from({ length: 25 }, (_, i) => i);
  const run = await begin(account, loops, { numbers });
  await expect.poll(() => status(run), { timeout: 30_000 }).toBe('succeeded');
  await page.goto(`/${account.organization.slug}/runs/${run}`);
  const rounds = page.getByRole('region', { name: 'Iterations of Each number' });
  await expect(rounds.getByText('25 of 25 done · 1 failed')).toBeVisible();
  await expect(rounds.getByRole('button', { name: /^Iteration/ })).toHaveCount(10);
  await rounds.getByText('Failed', { exact: true }).first().click();
  await rounds.getByRole('button', { name: /^Iteration 13/ }).click();
  await rounds.getByRole('button', { name: /Check it/ }).click();
  await expect(page.getByRole('region', { name: 'Step Check it' }).getByText('Unlucky').first()).toBeVisible();
  await axe();
});

test('many runs are chosen, retried and cancelled at once', async ({ page, account, login, axe }) => {
  await login(account);
  const { id } = await createWorkflow(account.ctx, { definition: breaks });
  for (let n = 0; n < 3; n++) await startRun(account.ctx, { workflowId: id, input: { ok: false } });
  const count = async (of: string) =>
    Number(
      (await sql<{ n: string }>(`SELECT count(*) AS n FROM run WHERE organization_id = $1 AND status = $2::run_status`, [account.organization.id, of]))[0]?.n,
    );
  await expect.poll(() => count('failed'), { timeout: 30_000 }).toBe(3);
  await page.goto(`/${account.organization.slug}/runs?status=failed`);
  await page.getByRole('checkbox', { name: 'Choose all runs shown' }).check();
  await expect(page.getByText('3 runs chosen')).toBeVisible();
  await axe();
  await page.getByRole('button', { name: 'Retry' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).click();
  await expect(page.getByText('3 runs were started again.')).toBeVisible({ timeout: 15_000 });
  await expect.poll(() => count('failed'), { timeout: 30_000 }).toBe(6);
  await page.getByRole('button', { name: 'Error' }).click();
  await page.getByLabel('Words in the message').fill('no such words');
  await page.getByRole('button', { name: 'Show these' }).click();
  await expect(page.getByText('No such runs')).toBeVisible();
});

test('calls to a host are stopped by hand, and let through again', async ({ page, account, login, axe }) => {
  await login(account);
  await page.goto(`/${account.organization.slug}/settings/circuits`);
  await expect(page.getByText('Nothing is failing')).toBeVisible();
  await page.getByRole('button', { name: 'Stop calls to…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Target').fill('api.example.com');
  await axe();
  await dialog.getByRole('button', { name: 'Stop calls' }).click();
  await expect(page.getByRole('row', { name: /api\.example\.com.*Stopped/ })).toBeVisible();
  await axe();
  await page.getByRole('button', { name: 'Reset api.example.com' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click();
  await expect(page.getByRole('row', { name: /api\.example\.com.*Closed/ })).toBeVisible();
});
