#!/usr/bin/env node
// Takes the pictures of README and landing page from a running Heddle: node scripts/screenshots.mjs [http://localhost:3000]
// It signs up a person of its own, runs the built-in research report in the editor and photographs what people see.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const base = process.argv[2] ?? 'http://localhost:3000';
const size = { width: 1440, height: 900 };
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] });

async function signUp() {
  const context = await browser.newContext({ viewport: size, colorScheme: 'light' });
  const page = await context.newPage();
  await page.goto(`${base}/signup`);
  await page.getByLabel('Your name').fill('Ana Kowalska');
  await page.getByLabel('E-mail').fill(`ana-${Date.now().toString(36)}@example.com`);
  await page.getByLabel('Password', { exact: true }).fill('lake piano seven winter');
  await page.getByLabel('Organization').fill('Sales');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Hello, Ana' }).waitFor({ timeout: 60_000 });
  await page.getByRole('link', { name: 'Research report' }).first().click();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  // a workflow with an input asks for it first
  const confirm = page.getByRole('dialog').getByRole('button', { name: /run/i });
  await confirm.click({ timeout: 5_000 }).catch(() => {});
  await page.getByText('Succeeded').first().waitFor({ timeout: 60_000 });
  return { state: await context.storageState(), editor: page.url() };
}

async function photograph(name, address, { scheme, state, prepare }) {
  const context = await browser.newContext({ viewport: size, colorScheme: scheme, storageState: state });
  const page = await context.newPage();
  await page.goto(address);
  await page.waitForLoadState('load');
  await prepare?.(page);
  await page.waitForTimeout(1_500);
  for (const folder of ['docs/images', 'public/images']) {
    mkdirSync(join(root, folder), { recursive: true });
    await page.screenshot({ path: join(root, folder, `${name}.png`) });
  }
  console.log(`${name}.png`);
  await context.close();
}

const { state, editor } = await signUp();
const openStep = async (page) => {
  await page.getByText('Read and answer').first().click();
  await page.getByText('Model').first().waitFor();
  await page.getByRole('button', { name: /fit/i }).first().click();
};
for (const scheme of ['light', 'dark']) await photograph(`editor-${scheme}`, editor, { scheme, state, prepare: openStep });
await browser.close();
