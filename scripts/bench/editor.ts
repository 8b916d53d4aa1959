import { chromium } from '@playwright/test';
import { chromiumPath } from '../../e2e/support/chromium';
import type { Product } from './product';
import { percentile, type Row } from './row';
import { publish, tenNodeDag } from './workflows';

/** Opens the editor with 10 nodes in a fresh browser context (cold cache) and waits until a node can be clicked and its settings open. */
export async function benchEditor(product: Product): Promise<Row[]> {
  const { id } = await publish(product, { workflow: { ...tenNodeDag.workflow, name: 'bench-editor' } });
  const browser = await chromium.launch({
    executablePath: await chromiumPath(),
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`${product.url}/signin`);
    await page.getByLabel(/e-?mail/i).fill(product.email);
    await page.getByLabel(/^password/i).fill(product.password);
    await page.getByRole('button', { name: /sign in/i }).click();
    await page.waitForURL((url) => !url.pathname.startsWith('/sign'));
    const state = await page.context().storageState();
    const times: number[] = [];
    let bytes = 0;
    for (let i = 0; i < 6; i++) {
      const context = await browser.newContext({ storageState: state, viewport: { width: 1440, height: 900 } });
      const cold = await context.newPage();
      const cdp = await context.newCDPSession(cold);
      await cdp.send('Network.enable');
      const scripts = new Set<string>();
      let size = 0;
      cdp.on('Network.responseReceived', (e) => {
        if (e.type === 'Script') scripts.add(e.requestId);
      });
      // bodies as they came over the wire, without headers
      cdp.on('Network.dataReceived', (e) => {
        if (scripts.has(e.requestId)) size += e.encodedDataLength;
      });
      const began = performance.now();
      await cold.goto(`${product.url}/${product.organization}/workflows/${id}`, { waitUntil: 'commit' });
      await cold.locator('.react-flow__node').nth(9).waitFor();
      await cold.getByRole('button', { name: /^run/i }).first().click({ trial: true });
      if (i > 0) times.push(performance.now() - began);
      await cold.waitForLoadState('networkidle');
      bytes = Math.max(bytes, size);
      await context.close();
    }
    return [
      {
        name: 'editor with 10 nodes interactive, cold cache',
        value: percentile(times, 0.5) / 1000,
        unit: 's',
        goal: 1.5,
        better: 'lower',
        note: 'median of 5, headless Chromium, localhost',
      },
      { name: 'editor, compressed JavaScript', value: bytes / 1024, unit: 'KB', goal: 450, better: 'lower' },
    ];
  } finally {
    await browser.close();
  }
}
