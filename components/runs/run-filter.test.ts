import { expect, it } from 'vitest';
import { filterOf } from './run-filter';

it('reads an address, and passes over what it does not know', () => {
  expect(filterOf({ status: 'nonsense', since: 'ever' }, 0)).toEqual({});
  expect(filterOf({ status: 'failed', workflow: 'w', code: 'timeout', text: 'no', since: '1h' }, 3_600_000)).toEqual({
    status: ['failed'],
    workflowId: 'w',
    errorCode: 'timeout',
    errorText: 'no',
    from: '1970-01-01T00:00:00.000Z',
  });
  expect(filterOf({ status: 'paused' }, 0)).toEqual({ status: ['waiting'], paused: true });
});
