import { execFileSync } from 'node:child_process';
import { userInfo } from 'node:os';

export interface UnprivilegedUser {
  uid: number;
  gid: number;
}

/**
 * PostgreSQL refuses to run as root. For root: the user `postgres` where there is one, else one is made, else `nobody`.
 * For everybody else undefined: PostgreSQL runs as the caller.
 */
export function unprivilegedUser(): UnprivilegedUser | undefined {
  if (process.platform === 'win32' || userInfo().uid !== 0) return undefined;
  const user = lookUp('postgres') ?? create() ?? lookUp('nobody');
  if (!user) {
    throw new Error(
      'PostgreSQL cannot run as root, and no other user was found or could be made (useradd, adduser). Run Heddle as another user, or give DATABASE_URL.',
    );
  }
  return user;
}

function lookUp(name: string): UnprivilegedUser | undefined {
  try {
    const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    const user = { uid: id('-u'), gid: id('-g') };
    return user.uid > 0 ? user : undefined;
  } catch {
    return undefined;
  }
}

/** shadow's useradd (Debian, Red Hat), then busybox's adduser (Alpine). */
function create(): UnprivilegedUser | undefined {
  const ways: [string, string[]][] = [
    ['useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', 'postgres']],
    ['adduser', ['-S', '-D', '-H', '-s', '/bin/false', 'postgres']],
  ];
  for (const [command, args] of ways) {
    try {
      execFileSync(command, args, { stdio: 'ignore' });
    } catch {
      // not there, or another process made the user meanwhile: look
    }
    const user = lookUp('postgres');
    if (user) return user;
  }
  return undefined;
}
