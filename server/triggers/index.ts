export { closeHooks, findHook, type HookTarget } from './find-hook';
export { hookContext } from './hook-context';
export { startScheduler } from './scheduler';
export { announceTriggers, syncTriggers } from './sync-triggers';
export { type TriggerEntry, triggersOf } from './triggers-of';
