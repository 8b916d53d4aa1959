import type { Problem, Workflow } from '@/core/workflow/workflow';
import type { Autosave } from './autosave';
import type { Connection } from './connection';
import type { DraftStore } from './draft-store';
import type { Definitions } from './graph';
import type { RunStore } from './run-store';
import type { KeyedStore, Store } from './store';

/** Where the palette's choice goes. */
export interface InsertTarget {
  /** into the body of this loop */
  into?: string;
  after?: { step: string; port?: string };
  between?: Connection;
  /** on the canvas */
  position?: { x: number; y: number };
}

export interface EditorUi {
  selected: readonly string[];
  selectedEdges: readonly string[];
  panel: 'closed' | 'node' | 'workflow' | 'runs' | 'awl';
  tab: 'setup' | 'output' | 'settings';
  palette: InsertTarget | undefined;
  /** loops drawn as small as a step */
  collapsed: ReadonlySet<string>;
  /** the loop that what is being dragged would fall into */
  dropTarget: string | undefined;
  dialog: 'shortcuts' | 'search' | 'run' | undefined;
  /** a connection's refusal while it is being drawn, or what just happened: shown above the controls and read out */
  hint: string;
  /** read out only */
  announcement: string;
}

export interface Problems {
  all: Problem[];
  checked: boolean;
}

/** What the person may do here; `reason` is said where a control is disabled. */
export interface EditorAccess {
  edit: boolean;
  execute: boolean;
  publish: boolean;
  cancel: boolean;
  role: string;
}

/** What the server knows as published. */
export interface Published {
  version: number | undefined;
  /** the published document, as canonical text */
  text: string | undefined;
  triggers: { type: string; url?: string; nextAt?: string }[];
}

export interface Rescue {
  workflow: Workflow;
  at: number;
  /** they began from what the server has now */
  current: boolean;
  forget(): void;
}

/** Everything one open editor shares. Made once; its parts are stores, so that handing it down renders nothing. */
export interface EditorSession {
  org: string;
  workflowId: string;
  project: { slug: string; name: string };
  definitions: Definitions;
  access: EditorAccess;
  draft: DraftStore;
  autosave: Autosave;
  /** unsaved edits that another tab, or this one before somebody else saved, left in this browser */
  rescue: Store<Rescue | undefined>;
  run: RunStore;
  ui: Store<EditorUi>;
  problems: Store<Problems>;
  /** the worst problem of each step */
  problemOf: KeyedStore<Problem>;
  published: Store<Published>;
  /** set by the canvas once it is mounted */
  view: { current: CanvasView | undefined };
}

export interface CanvasView {
  fit(): void;
  reveal(id: string): void;
  focus(id: string): void;
  centre(): { x: number; y: number };
  toFlow(point: { x: number; y: number }): { x: number; y: number };
}

export const initialUi: EditorUi = {
  selected: [],
  selectedEdges: [],
  panel: 'closed',
  tab: 'setup',
  palette: undefined,
  collapsed: new Set(),
  dropTarget: undefined,
  dialog: undefined,
  hint: '',
  announcement: '',
};
