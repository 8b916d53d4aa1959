import { dailyDigest } from './daily-digest';
import { dataPipeline } from './data-pipeline';
import { researchReport } from './research-report';

/** The workflows every organization starts with, as AWL. They run without any key and without the internet. None takes the slug of contract.md's samples. */
export function exampleWorkflows(): { slug: string; awl: string }[] {
  return [
    { slug: 'research-report', awl: researchReport },
    { slug: 'earthquake-pipeline', awl: dataPipeline },
    { slug: 'daily-digest', awl: dailyDigest },
  ];
}
