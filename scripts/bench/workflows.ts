import { api, type Product } from './product';

/** Ten steps: one, a fan-out of four, four more, and a join. All compute something with an expression. */
export const tenNodeDag = {
  workflow: {
    name: 'bench-ten',
    triggers: [{ webhook: { method: 'POST', respond: 'last' } }],
    steps: [
      { id: 'a', uses: 'transform', with: { value: { n: '{{ default(input.n, 1) }}' } } },
      ...['b', 'c', 'd', 'e'].map((id, i) => ({ id, uses: 'transform', depends_on: ['a'], with: { value: { n: `{{ data.n + ${i} }}`, from: id } } })),
      ...['f', 'g', 'h', 'i'].map((id, i) => ({
        id,
        uses: 'transform',
        depends_on: [['b', 'c', 'd', 'e'][i]],
        with: { value: { n: '{{ data.n * 2 }}', tag: `${id} of {{ run.id }}` } },
      })),
      { id: 'j', uses: 'transform', depends_on: ['f', 'g', 'h', 'i'], with: { value: { sum: '{{ data.f.n + data.g.n + data.h.n + data.i.n }}' } } },
    ],
  },
};

/** What the issue names for hooks: POST /hooks → transform → respond. */
export const hookWorkflow = {
  workflow: {
    name: 'bench-hook',
    triggers: [{ webhook: { method: 'POST', respond: 'last' } }],
    steps: [
      { id: 'shape', uses: 'transform', with: { value: { greeting: 'Hello {{ input.name }}', total: '{{ input.a + input.b }}' } } },
      { id: 'answer', uses: 'respond', depends_on: ['shape'], with: { status: 200, body: '{{ data }}' } },
    ],
  },
};

export const acceptedHookWorkflow = {
  workflow: { ...hookWorkflow.workflow, name: 'bench-accepted', triggers: [{ webhook: { method: 'POST', respond: 'accepted' } }] },
};

interface Created {
  id: string;
  version: number;
}

/** Publishes a definition over the API and returns its id and hook address. */
export async function publish(product: Product, definition: unknown): Promise<{ id: string; hook: string | undefined }> {
  const { id } = await api<Created>(product, 'POST', '/api/v1/workflows', { definition });
  const { triggers } = await api<{ triggers: { type: string; url?: string }[] }>(product, 'GET', `/api/v1/workflows/${id}`);
  const url = triggers.find((t) => t.url)?.url;
  return { id, hook: url ? `${product.url}${new URL(url, product.url).pathname}` : undefined };
}
