import { Document, isMap, isScalar, isSeq, visit } from 'yaml';
import { toAwlDocument } from './to-awl-document';
import type { Workflow } from './workflow';

/** The workflow as YAML text. */
export function formatAwl(workflow: Workflow): string {
  const document = new Document(toAwlDocument(workflow), { aliasDuplicateObjects: false });
  visit(document, {
    Pair(_index, pair) {
      const key = isScalar(pair.key) ? pair.key.value : undefined;
      if (key === 'depends_on' && isSeq(pair.value)) pair.value.flow = true;
      if (key === 'layout' && isMap(pair.value)) for (const { value } of pair.value.items) if (isMap(value)) value.flow = true;
      // what people wrote is theirs: settings keep their shape
      return key === 'with' || key === 'input' || key === 'output' ? visit.SKIP : undefined;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
