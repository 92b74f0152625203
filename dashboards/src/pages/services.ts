import { formatAgo, formatDurationMs, formatRate, formatShare } from '../html/format.ts';
import { html, type Html, shorten } from '../html/html.ts';
import type { ServicesView, ServiceView } from '../overview/services.ts';
import type { Part } from '../part.ts';
import { renderTime, renderUnavailable } from './layout.ts';

/** From this share of failed requests on, the number is marked. */
const BAD_ERROR_SHARE = 0.05;

/** The section of services that sent something in the last hour. */
export function renderServices(part: Part<ServicesView>, nowMs: number): Html {
  return html`<section aria-labelledby="services">
    <h2 id="services">Services</h2>
    ${part.status === 'ok' ? renderTable(part.value, nowMs) : renderUnavailable(part)}
  </section>`;
}

function renderTable({ services, truncated }: ServicesView, nowMs: number): Html {
  if (services.length === 0) {
    return html`<p class="soft">No telemetry in the last hour. <a href="#send">Where to send it</a></p>`;
  }
  return html`<table class="cards">
      <thead>
        <tr>
          <th scope="col">Service</th>
          <th scope="col" class="number">Requests/s</th>
          <th scope="col" class="number">Errors</th>
          <th scope="col" class="number">p99</th>
          <th scope="col" class="number">Sent in the last hour</th>
          <th scope="col" class="number">Last seen</th>
        </tr>
      </thead>
      <tbody>
        ${services.map((service) => renderRow(service, nowMs))}
      </tbody>
    </table>
    <p class="soft">
      Requests, errors and p99 of the last five minutes: spans of kind Server and
      Consumer.${truncated && ' There are more services than are shown here.'}
    </p>`;
}

function renderRow({ name, lastSeenMs, requestsPerSecond, errorShare, p99Ms, sent }: ServiceView, nowMs: number): Html {
  const bad = errorShare !== undefined && errorShare >= BAD_ERROR_SHARE;
  return html`<tr>
    <td class="name"><bdi>${shorten(name, 200)}</bdi></td>
    <td class="number" data-label="Requests/s">${formatRate(requestsPerSecond)}</td>
    <td class="number" data-label="Errors">
      <span class="${bad && 'bad'}">${errorShare === undefined ? '–' : formatShare(errorShare)}</span>
    </td>
    <td class="number" data-label="p99">${p99Ms === undefined ? '–' : formatDurationMs(p99Ms)}</td>
    <td class="number" data-label="Sent in the last hour">${renderSent(sent)}</td>
    <td class="number" data-label="Last seen">${renderTime(lastSeenMs, formatAgo(lastSeenMs, nowMs))}</td>
  </tr>`;
}

const NUMBER = new Intl.NumberFormat('en', { notation: 'compact' });

function renderSent({ spans, logs, points }: ServiceView['sent']): string {
  return [
    { many: spans, noun: 'span' },
    { many: logs, noun: 'log' },
    { many: points, noun: 'point' },
  ]
    .filter(({ many }) => many > 0)
    .map(({ many, noun }) => `${NUMBER.format(many)} ${noun}${many === 1 ? '' : 's'}`)
    .join(', ');
}
