/** What the address of the list asks for; anything else is the usual list: open ones that ask the signed-in person. */
export function readApprovalFilter(parameters: { get(name: string): string | null }): { scope: 'mine' | 'all'; status: 'open' | 'decided'; search?: string } {
  const search = parameters.get('search')?.trim().slice(0, 200);
  return {
    scope: parameters.get('scope') === 'all' ? 'all' : 'mine',
    status: parameters.get('status') === 'decided' ? 'decided' : 'open',
    ...(search ? { search } : {}),
  };
}
