export { closeHooks, findHook, type HookTarget } from './find-hook';
export { hookContext } from './hook-context';
export { hookUrl } from './hook-url';
export { listTriggers, type TriggerEntry, triggersOf } from './list-triggers';
export { startScheduler } from './scheduler';
export { announceTriggers, syncTriggers } from './sync-triggers';
