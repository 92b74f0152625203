import type { FlowStep, MonitorOf, RequestSettings } from '@tocsin/service/config';
import { describeUrl } from '@tocsin/service/config';
import { down, up, type Verdict, worstOf } from '../../verdict.ts';
import { judgeAnswer } from '../http/judge-answer.ts';
import type { Judgement } from '../http/judge-response.ts';
import { Journey } from '../http/journey.ts';
import { reportJourney } from '../http/report.ts';
import type { ProbeContext, ProbeKind } from '../kind.ts';
import { extractValues } from './extract.ts';
import { fillRequest } from './template.ts';

/** Several requests in a row, with values of one in the next; the first that is down ends the flow. */
export const flowKind: ProbeKind<MonitorOf<'flow'>> = {
  describeTarget({ flow }) {
    const [first] = flow;
    return first ? describeUrl(new URL(first.request.url)) : '';
  },
  async probe(monitor, context) {
    const { connection, timeoutMs, flow } = monitor;
    const [first] = flow;
    if (!first) throw new Error('a flow without steps');
    const journey = new Journey({ connection, timeoutMs }, context);
    try {
      const judgement = await walk(flow, journey, context);
      if (context.signal.aborted) return undefined;
      const { url, method, maxBodyBytes } = first.request;
      const ended = { journey, judgement, url: new URL(url), method, timeoutMs, maxBodyBytes };
      const observation = await reportJourney(ended);
      if (judgement.step === undefined) return observation;
      return { ...observation, attributes: { ...observation.attributes, 'tocsin.probe.step': judgement.step } };
    } finally {
      journey.limit.end();
    }
  },
};

/** What a flow came to, and in which step, where not all is well. */
interface FlowJudgement extends Judgement {
  readonly step?: string;
}

async function walk(flow: readonly FlowStep[], journey: Journey, context: ProbeContext): Promise<FlowJudgement> {
  const values = new Map<string, string>();
  let worst: FlowJudgement = { verdict: up('') };
  for (const step of flow) {
    const judgement = await takeStep(step, values, journey, context);
    const { verdict } = judgement;
    if (verdict.outcome !== 'up' && worstOf(worst.verdict, verdict) === verdict) worst = nameStep(judgement, step.name);
    if (verdict.outcome === 'down' || verdict.outcome === 'unknown') return worst;
  }
  if (worst.verdict.outcome !== 'up') return worst;
  const took = Math.ceil(journey.recorder.elapsedMs());
  return { verdict: up(`${flow.length} ${flow.length === 1 ? 'step' : 'steps'} in ${took}ms`) };
}

async function takeStep(
  step: FlowStep,
  values: Map<string, string>,
  journey: Journey,
  context: ProbeContext,
): Promise<Judgement> {
  const settings = fillRequest(step.request, values);
  const { expect } = step;
  const response = await journey.send(settings, expect, step.name);
  if (response.status === 'aborted') return { verdict: journey.judgeTimeout() };
  if (response.status === 'judged') return { verdict: blameValues(response.verdict, step.request, settings) };
  const judgement = await judgeAnswer(response.value, { journey, settings, expect, context });
  if (judgement.verdict.outcome === 'down') return judgement;
  const extracted = await extractValues(step, response.value, { journey, context });
  if (extracted.status === 'missing') return { verdict: extracted.verdict };
  for (const [name, value] of extracted.values) values.set(name, value);
  return judgement;
}

/** What cannot be sent because of what the target has given is the target's doing, not a mistake in the configuration. */
function blameValues(verdict: Verdict, configured: RequestSettings, filled: RequestSettings): Verdict {
  if (verdict.reason !== 'invalid_request' || JSON.stringify(configured) === JSON.stringify(filled)) return verdict;
  return down('extract_failed', 'expected values of earlier steps that make a request, found some that make none');
}

function nameStep(judgement: Judgement, step: string): FlowJudgement {
  const verdict: Verdict = { ...judgement.verdict, message: `step ${step}: ${judgement.verdict.message}` };
  return { ...judgement, verdict, step };
}
