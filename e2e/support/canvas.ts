import { expect, type Locator, type Page } from '@playwright/test';

/** The card of a step or trigger on the canvas, by its title. */
export function nodeOf(page: Page, title: string): Locator {
  return page.locator('.react-flow__node').filter({ has: page.getByText(title, { exact: true }) });
}

/** The line below the canvas: the run shown, the problems. */
export function footerOf(page: Page): Locator {
  return page.locator('footer');
}

/** Every status that any card showed since `watchStatuses`, in order, as `title:status`. */
export async function seenStatuses(page: Page): Promise<string[]> {
  return page.evaluate(() => (window as unknown as { seenStatuses?: string[] }).seenStatuses ?? []);
}

/** Starts noting every status that a card shows: a run is over in milliseconds, and polling would miss the way there. */
export async function watchStatuses(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: string[] = [];
    (window as unknown as { seenStatuses: string[] }).seenStatuses = seen;
    const note = (): void => {
      for (const chip of document.querySelectorAll('.react-flow__node [data-status]')) {
        const entry = `${chip.closest('.react-flow__node')?.getAttribute('data-id')}:${chip.getAttribute('data-status')}`;
        if (!seen.includes(entry)) seen.push(entry);
      }
    };
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-status'] });
  });
}

/** Presses Run, answers the form for the input when there is one, and waits for the end of the run in the footer. */
export async function runDraft(page: Page, status: 'Succeeded' | 'Failed' = 'Succeeded'): Promise<void> {
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Run with' });
  const footer = footerOf(page);
  await expect(dialog.or(footer.getByText(/Queued|Running|Succeeded|Failed/)).first()).toBeVisible();
  if (await dialog.isVisible()) await dialog.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(footer.getByText(status)).toBeVisible({ timeout: 30_000 });
}
