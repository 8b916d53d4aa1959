import type { NodeDefinition } from '@/core/node/definition';
import agent from './agent/definition';
import approval from './approval/definition';
import callback from './callback/definition';
import code from './code/definition';
import condition from './condition/definition';
import delay from './delay/definition';
import event from './event/definition';
import file from './file/definition';
import forEach from './for-each/definition';
import http from './http/definition';
import log from './log/definition';
import manual from './manual/definition';
import merge from './merge/definition';
import model from './model/definition';
import pass from './pass/definition';
import respond from './respond/definition';
import schedule from './schedule/definition';
import search from './search/definition';
import signal from './signal/definition';
import choose from './switch/definition';
import transform from './transform/definition';
import waitForEvent from './wait-for-event/definition';
import webhook from './webhook/definition';
import loop from './while/definition';
import workflow from './workflow/definition';

const all: NodeDefinition[] = [
  manual,
  webhook,
  schedule,
  event,
  http,
  respond,
  model,
  agent,
  search,
  transform,
  condition,
  choose,
  merge,
  forEach,
  loop,
  workflow,
  delay,
  approval,
  signal,
  waitForEvent,
  callback,
  code,
  file,
  log,
  pass,
];

/** The catalogue, client-safe, in the palette's order. No page ever loads an executor. */
export const nodeDefinitions: ReadonlyMap<string, NodeDefinition> = new Map(all.map((definition) => [definition.type, definition]));
