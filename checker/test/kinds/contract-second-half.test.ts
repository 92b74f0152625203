import { describeContract } from './contract.ts';
import { SUBJECTS } from './subjects/subjects-table.ts';

// Two files, so that two workers share the waiting; each takes every other kind.
for (const [index, subject] of Object.values(SUBJECTS).entries()) if (index % 2 === 1) describeContract(subject);
