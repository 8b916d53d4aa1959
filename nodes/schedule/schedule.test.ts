import { describe, expect, it } from 'vitest';
import { testFaults } from '../test-step';
import definition from './definition';
import { describeCron } from './describe-cron';

describe('schedule', () => {
  it('takes cron expressions and time zones, and refuses others', () => {
    expect(definition.config.parse({ cron: '0 9 * * 1-5' })).toEqual({ cron: '0 9 * * 1-5', timezone: 'UTC' });
    for (const cron of ['', 'x', '61 * * * *', '0 0 30 2 *', '* * *']) expect(testFaults('schedule', { cron }), cron).toEqual(['cron']);
    for (const timezone of ['Europe/Atlantis', '', '../etc']) expect(testFaults('schedule', { cron: '0 9 * * *', timezone }), timezone).toEqual(['timezone']);
  });
  it.each([
    ['0 9 * * *', 'Every day at 09:00'],
    ['30 7 * * 1-5', 'Weekdays at 07:30'],
    ['0 8 * * 1', 'Mondays at 08:00'],
    ['0 8 * * 7', 'Sundays at 08:00'],
    ['*/15 * * * *', 'Every 15 minutes'],
    ['* * * * *', 'Every minute'],
    ['0 * * * *', 'Every hour'],
    ['5 * * * *', 'Every hour at :05'],
    ['0 6 1 * *', 'Day 1 of each month at 06:00'],
    ['0 6 1 1 *', '0 6 1 1 *'],
    ['0 6-8 * * *', '0 6-8 * * *'],
  ])('says %s as %s', (cron, words) => expect(describeCron(cron)).toBe(words));
});
