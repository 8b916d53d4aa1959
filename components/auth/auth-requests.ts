import { callApi } from '@/components/ui/call-api';

/** The few calls of next-auth's HTTP interface that pages need; its own client would bring a session poller along. */
async function csrfToken(): Promise<string> {
  const response = await fetch('/api/auth/csrf', { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error('Heddle did not answer. Try again in a moment.');
  return ((await response.json()) as { csrfToken: string }).csrfToken;
}

async function post(path: string, fields: Record<string, string>): Promise<{ response: Response; url: string }> {
  const body = new URLSearchParams({ ...fields, csrfToken: await csrfToken(), json: 'true' });
  const response = await fetch(`/api/auth/${path}`, { method: 'POST', body });
  const answer = (await response.json().catch(() => ({}))) as { url?: string };
  return { response, url: answer.url ?? '' };
}

/** Signs in with e-mail and password. Returns null, or what to tell the person; never whether an account exists. */
export async function signInWithPassword(email: string, password: string): Promise<string | null> {
  const { response, url } = await post('callback/credentials', { email, password, callbackUrl: '/' });
  const error = URL.canParse(url, window.location.origin) ? new URL(url, window.location.origin).searchParams.get('error') : null;
  if (response.ok && !error) return null;
  if (response.status === 429 || (error && /many|later|limit/i.test(error))) return 'Too many attempts. Wait a few minutes, then try again.';
  return 'The e-mail address or the password is not right.';
}

/** Goes to a provider (GitHub, Google, single sign-on) and comes back to `next`. */
export async function signInWithProvider(provider: string, next: string): Promise<void> {
  const { url } = await post(`signin/${provider}`, { callbackUrl: new URL(next, window.location.origin).toString() });
  window.location.assign(url || '/signin?error=Provider');
}

/** Ends the session here and now, on the server too, and leaves. */
export async function signOutHere(): Promise<void> {
  await post('signout', { callbackUrl: '/' });
  window.location.assign('/');
}

/** Makes an account with its own organization. Returns its slug, or what to tell the person. */
export async function signUp(input: {
  name: string;
  email: string;
  password: string;
  organization: string;
}): Promise<{ slug: string } | { message: string; field?: string }> {
  const answer = await callApi<{ organization: { slug: string } }>('session.signUp', input);
  if (answer.ok) return { slug: answer.data.organization.slug };
  const problem = answer.problems[0];
  return problem?.path ? { message: asSentence(problem.path, problem.message), field: problem.path } : { message: answer.message };
}

/** Problems are worded to follow the name of their place (`is missing`); here they stand alone. */
function asSentence(field: string, message: string): string {
  const whole = /^(is|cannot|has|must) /.test(message) ? `This ${field === 'email' ? 'address' : field} ${message}` : message;
  const text = whole.charAt(0).toUpperCase() + whole.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
