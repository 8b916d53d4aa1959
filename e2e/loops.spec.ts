import type { Locator, Page } from '@playwright/test';
import { sql } from './support/accounts';
import { nodeOf, runDraft } from './support/canvas';
import { expect, test } from './support/fixtures';

interface Draft {
  workflow: { settings?: Record<string, unknown>; steps: StepDocument[] };
}
interface StepDocument {
  id: string;
  depends_on?: string[];
  steps?: StepDocument[];
  [key: string]: unknown;
}

async function blankWorkflow(page: Page, slug: string): Promise<void> {
  await page.goto(`/${slug}/workflows`);
  await page.getByRole('button', { name: 'New workflow' }).first().click();
  await page.getByRole('menuitem', { name: 'Blank workflow' }).click();
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible();
}

const draftOf = async (organization: string): Promise<Draft['workflow']> =>
  (
    (await sql<{ draft: Draft | string }>('SELECT draft FROM workflow WHERE organization_id = $1 ORDER BY created_at DESC LIMIT 1', [organization])).map(
      ({ draft }) => (typeof draft === 'string' ? (JSON.parse(draft) as Draft) : draft),
    )[0] as Draft
  ).workflow;

/** Picks a node type in the open palette by the keyboard. */
async function pick(page: Page, name: string): Promise<void> {
  await page.getByRole('complementary', { name: 'Add a step' }).getByLabel('Search node types').fill(name);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('complementary', { name: 'Add a step' })).toBeHidden();
}

/** Replaces what a field of code holds. */
async function write(page: Page, within: Locator, label: string, text: string): Promise<void> {
  await within.locator(`.cm-content[aria-label="${label}"]`).first().click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

/** Drags what is at the middle of one place to a point of the page, as a hand does. */
async function drag(page: Page, from: Locator, to: { x: number; y: number }): Promise<void> {
  const box = await from.boundingBox();
  if (!box) throw new Error('what is to be dragged is not in view');
  await page.mouse.move(box.x + 70, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move((box.x + to.x) / 2, (box.y + to.y) / 2, { steps: 6 });
  await page.mouse.move(to.x, to.y, { steps: 6 });
  await page.mouse.up();
}

test('build a loop with a body, run it and page through its iterations', async ({ page, login, axe }) => {
  const { organization } = await login();
  await blankWorkflow(page, organization.slug);
  await page.locator('.react-flow__pane').click();
  await page.keyboard.press('a');
  await pick(page, 'for each');
  const panel = page.getByRole('complementary', { name: 'Step' });
  await write(page, panel, 'Items', '[{"name": "Ada"}, {"name": "Bob"}, {"name": "Cy"}]');
  await panel.getByRole('combobox', { name: 'When an item fails' }).click();
  await page.getByRole('option', { name: 'Go on and collect the errors' }).click();

  await page.getByRole('button', { name: 'Add the first step inside For each' }).click();
  await pick(page, 'code');
  await write(page, panel, 'Code', "if (data.name === 'Bob') throw new Error('not Bob'); return data.name.length;");
  await page.getByRole('button', { name: 'Add a step inside For each' }).click();
  await pick(page, 'transform');
  await expect(nodeOf(page, 'Transform')).toBeVisible();
  await axe();
  const steps = async () => (await draftOf(organization.id)).steps.map((step) => [step.id, (step.steps ?? []).map((inner) => inner.id)]);
  await expect.poll(steps).toEqual([['for_each', ['code', 'transform']]]);

  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  const frame = nodeOf(page, 'For each');
  const box = await frame.boundingBox();
  await drag(page, nodeOf(page, 'Transform'), { x: (box?.x ?? 0) + 120, y: (box?.y ?? 0) + (box?.height ?? 0) + 140 });
  await expect.poll(steps, 'a step that is connected to nothing leaves its loop').toEqual([
    ['for_each', ['code']],
    ['transform', []],
  ]);
  await page.keyboard.press('ControlOrMeta+z');
  await expect.poll(steps).toEqual([['for_each', ['code', 'transform']]]);
  await nodeOf(page, 'Transform').click();
  await page.keyboard.press('Delete');
  await expect(nodeOf(page, 'Transform')).toHaveCount(0);

  await runDraft(page);
  await expect(frame.getByText('3 of 3, 1 failed').first()).toBeVisible();
  const pager = page.getByRole('group', { name: 'Iteration shown' });
  await expect(pager.getByLabel('Iteration', { exact: true })).toHaveValue('2');
  await expect(nodeOf(page, 'Code').getByText('not Bob').first()).toBeVisible();
  await pager.getByRole('button', { name: 'Iteration after' }).click();
  await expect(nodeOf(page, 'Code').locator('[data-status=succeeded]').first()).toBeVisible();
  await nodeOf(page, 'Code').click();
  await panel.getByRole('tab', { name: 'Output' }).click();
  await expect(panel.getByText('iteration 3 of 3')).toBeVisible();
  await expect(panel.getByText('Cy').first()).toBeVisible();
  await pager.getByRole('button', { name: 'Next failed' }).click();
  await expect(panel.getByText('iteration 2 of 3')).toBeVisible();
  await axe();

  await page.getByRole('button', { name: 'Fold For each' }).click();
  await expect(nodeOf(page, 'Code')).toHaveCount(0);
  await expect(nodeOf(page, 'For each').getByText('1 step inside')).toBeVisible();
  await page.reload();
  await expect(nodeOf(page, 'For each').getByText('1 step inside'), 'this browser remembers').toBeVisible();
  await page.keyboard.press('/');
  await page.getByRole('combobox', { name: 'Find a step' }).fill('code');
  await page.keyboard.press('Enter');
  await expect(nodeOf(page, 'Code'), 'opening a step unfolds what is around it').toBeVisible();
  await expect(pager.getByLabel('Iteration', { exact: true }), 'the last run is there again').toHaveValue('2');
});

test('joins, failures, undoing and limits can be set and are in the AWL', async ({ page, login, axe }) => {
  const { organization } = await login();
  await blankWorkflow(page, organization.slug);
  await page.locator('.react-flow__pane').click();
  await page.getByRole('button', { name: 'AWL' }).first().click();
  const awl = page.getByRole('complementary', { name: 'AWL' });
  await write(
    page,
    awl,
    'AWL text',
    'workflow:\n  name: orders\n  steps:\n    - {id: a}\n    - {id: b}\n    - {id: charge, depends_on: [a, b]}\n    - {id: refund, uses: log, with: {message: back}}\n',
  );
  await awl.getByRole('button', { name: 'Apply' }).click();
  await page.keyboard.press('1');
  await nodeOf(page, 'charge').click();
  const panel = page.getByRole('complementary', { name: 'Step' });
  await panel.getByRole('tab', { name: 'Settings' }).click();
  const choose = async (label: string, option: string | RegExp) => {
    await page
      .getByRole('combobox', { name: label })
      .or(page.getByLabel(label, { exact: true }))
      .first()
      .click();
    await page.getByRole('option', { name: option }).click();
  };
  await choose('Starts after', 'The first of them');
  await panel.getByLabel('Retries').fill('2');
  await choose('Pause between', 'Grows steadily');
  await panel.getByRole('button', { name: 'Which errors, and exact pauses' }).click();
  await panel.getByLabel('Only these errors').fill('http_5*');
  await page.keyboard.press('Enter');
  await panel.getByLabel('Vary the pauses').click({ force: true });
  await choose('When it fails', 'Undo what was done, then stop the run');
  await choose('Undone by', 'refund');
  await axe();
  await expect(page.locator('.react-flow__edge[data-id="charge/$undo->refund"]')).toBeAttached();
  await expect
    .poll(async () => (await draftOf(organization.id)).steps.find((step) => step.id === 'charge'))
    .toMatchObject({
      depends_on: ['a', 'b'],
      join: 'any',
      retry: { attempts: 2, backoff: 'linear', jitter: false, on: ['http_5*'] },
      on_error: 'compensate',
      compensate: 'refund',
    });

  await page.getByRole('button', { name: 'Workflow settings' }).first().click();
  const settings = page.getByRole('complementary', { name: 'Workflow settings' });
  await settings.getByLabel('Runs at a time').fill('5');
  await write(page, settings, 'Counted for each', '{{ input.customer }}');
  await settings.getByLabel('Limit how often runs start').click({ force: true });
  await settings.getByLabel('At most').fill('20');
  await settings.getByLabel('Start once for the same thing').click({ force: true });
  await settings.getByLabel('Make one run of a burst').click({ force: true });
  await settings.getByLabel('Undo when a run does not succeed').click({ force: true });
  await axe();
  await expect
    .poll(async () => (await draftOf(organization.id)).settings)
    .toEqual({
      concurrency: { limit: 5, key: '{{ input.customer }}' },
      rate: { limit: 20, per: 'minute' },
      dedupe: { key: '{{ input.id }}', window: '1h' },
      debounce: { wait: '5s' },
      compensate: true,
    });
  await page.getByRole('button', { name: 'AWL' }).first().click();
  await expect(awl.getByText('compensate: refund')).toBeVisible();
  await expect(awl.getByText('join: any')).toBeVisible();
});
