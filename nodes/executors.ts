import type { NodeExecutor } from '@/core/node/executor';
import agent from './agent/executor';
import approval from './approval/executor';
import callback from './callback/executor';
import code from './code/executor';
import condition from './condition/executor';
import delay from './delay/executor';
import file from './file/executor';
import http from './http/executor';
import log from './log/executor';
import merge from './merge/executor';
import model from './model/executor';
import pass from './pass/executor';
import respond from './respond/executor';
import search from './search/executor';
import signal from './signal/executor';
import choose from './switch/executor';
import transform from './transform/executor';
import waitForEvent from './wait-for-event/executor';
import workflow from './workflow/executor';

/** What runs each step type. Triggers have none: the engine hands the run's input to the roots. */
// biome-ignore lint/suspicious/noExplicitAny: each executor has settings of its own; the engine parses them with the definition of the same type
export const nodeExecutors: ReadonlyMap<string, NodeExecutor<any>> = new Map<string, NodeExecutor<any>>([
  ['http', http],
  ['respond', respond],
  ['model', model],
  ['agent', agent],
  ['search', search],
  ['transform', transform],
  ['condition', condition],
  ['switch', choose],
  ['merge', merge],
  ['workflow', workflow],
  ['delay', delay],
  ['approval', approval],
  ['signal', signal],
  ['wait-for-event', waitForEvent],
  ['callback', callback],
  ['code', code],
  ['file', file],
  ['log', log],
  ['pass', pass],
]);
