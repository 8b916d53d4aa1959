import type { Locator, Page } from '@playwright/test';
import { sql } from './support/accounts';
import { nodeOf, runDraft } from './support/canvas';
import { expect, test } from './support/fixtures';

async function blankWorkflow(page: Page, slug: string): Promise<void> {
  await page.goto(`/${slug}/workflows`);
  await page.getByRole('button', { name: 'New workflow' }).first().click();
  await page.getByRole('menuitem', { name: 'Blank workflow' }).click();
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible();
}

const saved = (page: Page): Promise<void> => expect(page.getByText('Saved', { exact: true })).toBeVisible();

/** Draws from one card's exit to another card's entrance, as a hand does. */
async function connect(page: Page, from: Locator, to: Locator): Promise<void> {
  const [start, end] = [await from.locator('.react-flow__handle.source').first().boundingBox(), await to.locator('.react-flow__handle.target').boundingBox()];
  if (!start || !end) throw new Error('a handle is not in view');
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
  await page.mouse.down();
  await page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2, { steps: 5 });
  await page.mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 5 });
  await page.mouse.up();
}

test('drag a node in, connect it, set it up, reload, run', async ({ page, login, axe }) => {
  const { organization } = await login();
  await blankWorkflow(page, organization.slug);
  const canvas = page.getByRole('application', { name: 'Workflow canvas' }).or(page.locator('.react-flow')).first();

  await page.getByRole('button', { name: 'Add a step', exact: true }).click();
  const palette = page.getByRole('complementary', { name: 'Add a step' });
  await axe();
  await palette.getByLabel('Search node types').fill('transform');
  await palette.getByRole('option', { name: /Transform/ }).dragTo(canvas, { targetPosition: { x: 700, y: 300 } });
  await expect(nodeOf(page, 'Transform')).toBeVisible();

  if (!(await palette.isVisible())) await page.getByRole('button', { name: 'Add a step', exact: true }).click();
  await palette.getByLabel('Search node types').fill('log');
  await palette.getByRole('option', { name: /^Log/ }).dragTo(canvas, { targetPosition: { x: 700, y: 480 } });
  await expect(nodeOf(page, 'Log')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');

  await connect(page, nodeOf(page, 'Transform'), nodeOf(page, 'Log'));
  await expect(page.locator('.react-flow__edge')).toHaveCount(2);

  await nodeOf(page, 'Log').click();
  const panel = page.getByRole('complementary', { name: 'Step' });
  await panel.getByLabel('Message').click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('said by the editor test');
  await panel.getByLabel('Title').fill('Say it');
  await panel.getByLabel('Title').press('Enter');
  await axe();
  await expect
    .poll(async () => JSON.stringify(await sql('SELECT draft FROM workflow WHERE organization_id = $1', [organization.id])))
    .toMatch(/said by the editor test.*Say it|Say it.*said by the editor test/s);
  await saved(page);

  await page.reload();
  await expect(nodeOf(page, 'Transform')).toBeVisible();
  await expect(nodeOf(page, 'Say it')).toBeVisible();
  await expect(page.locator('.react-flow__edge')).toHaveCount(2);
  await nodeOf(page, 'Say it').click();
  await expect(page.getByText('said by the editor test').first()).toBeVisible();

  await runDraft(page);
  await expect(nodeOf(page, 'Say it').locator('[data-status=succeeded]').first()).toBeVisible();
});

test('undo, redo, delete and publish by keyboard and button', async ({ page, login }) => {
  const { organization } = await login();
  await blankWorkflow(page, organization.slug);
  await page.locator('.react-flow__pane').click();
  await page.keyboard.press('a');
  await page.keyboard.type('transform');
  await page.keyboard.press('Enter');
  const node = nodeOf(page, 'Transform');
  await expect(node).toBeVisible();
  await page.locator('.react-flow__pane').click({ position: { x: 60, y: 500 } });
  await page.keyboard.press('ControlOrMeta+z');
  await expect(node).toHaveCount(0);
  await page.keyboard.press('ControlOrMeta+Shift+z');
  await expect(node).toBeVisible();
  await page.getByRole('button', { name: 'Publish' }).click();
  await expect(page.getByText(/Version 1 is published/).first()).toBeVisible();
  await node.click();
  await page.keyboard.press('Delete');
  await expect(node).toHaveCount(0);
});

test('a fault in an expression is named at its step before anything runs', async ({ page, login, axe }) => {
  const { organization } = await login();
  await blankWorkflow(page, organization.slug);
  await page.locator('.react-flow__pane').click();
  await page.keyboard.press('a');
  await page.keyboard.type('condition');
  await page.keyboard.press('Enter');
  await nodeOf(page, 'Condition').click();
  await page.getByRole('complementary', { name: 'Step' }).getByLabel('If').click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('data.total >');
  await expect(page.getByRole('button', { name: /problem/ })).toBeVisible();
  await axe();
});
