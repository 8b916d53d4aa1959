import { describe, expect, it } from 'vitest';
import definition from './definition';

describe('the version of a called workflow', () => {
  it.each(['current', 3, '3', '>=3', '<= 4', '2-5'])('may be %s', (version) => {
    expect(definition.config.safeParse({ workflow: 'a', version }).success).toBe(true);
  });
  it.each(['latest', '^3', '3-', 0, '>3'])('may not be %s', (version) => {
    expect(definition.config.safeParse({ workflow: 'a', version }).success).toBe(false);
  });
});
