import type { AlertContent, MessageContent, Named } from '../content.ts';
import { markup, type SafeHtml } from './markup.ts';

const COLORS = { page: '#c62828', ticket: '#b26a00', resolved: '#2e7d32' } as const;
const FONT = 'font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif';
const MONO = 'font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace';

/** The name under which the mail brings its chart along. Source: RFC 2392. */
export const CHART_CID = 'chart@tocsin';

/**
 * The message as HTML for mail programs: tables, inline styles, no scripts, nothing loaded from elsewhere. Everything
 * that came from outside is escaped.
 *
 * @param chart what the chart that comes along shows, where there is one
 */
export function renderHtml(content: MessageContent, chart?: string): string {
  const { title, tone, lead, notes, alerts, titles, hiddenCount, actions, consoleUrl } = content;
  const more =
    hiddenCount === 0
      ? ''
      : markup`<tr><td style="padding:0 24px 16px;color:#555">… and ${String(hiddenCount)} more.</td></tr>`;
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light"><title>${title}</title></head>
<body style="margin:0;padding:0;background:#f2f3f5;${FONT};color:#1c1e21">
<div style="display:none;max-height:0;overflow:hidden">${lead}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:#f2f3f5"><tr><td align="center" style="padding:24px 8px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:640px;background:#ffffff;border:1px solid #dfe1e5;border-radius:8px;border-collapse:separate;${FONT};font-size:15px;line-height:1.45">
<tr><td style="padding:16px 24px;background:${COLORS[tone]};border-radius:7px 7px 0 0;color:#ffffff;font-size:18px;font-weight:600;word-break:break-word">${title}</td></tr>
<tr><td style="padding:16px 24px;font-size:15px">${lead}${notes.map(renderNote)}</td></tr>
${actions.length === 0 ? '' : markup`<tr><td style="padding:0 24px 8px">${actions.map((action) => renderButton(action, '#1c1e21', '#ffffff'))}</td></tr>`}
${titles.map(renderTitle)}${alerts.slice(0, 1).map(renderAlert)}${chart === undefined ? '' : renderChart(chart)}${alerts.slice(1).map(renderAlert)}${more}
<tr><td style="padding:8px 24px 16px">${renderButton({ name: 'Open the console', value: consoleUrl }, '#eef0f3', '#1c1e21')}</td></tr>
</table>
<div style="padding:12px;font-size:12px;color:#777777">Sent by Tocsin.</div>
</td></tr></table>
</body></html>
`.text;
}

const renderButton = ({ name, value }: Named, background: string, color: string): SafeHtml =>
  markup`<a href="${value}" style="display:inline-block;margin:0 8px 8px 0;padding:9px 16px;background:${background};color:${color};text-decoration:none;border-radius:6px">${name}</a>`;

const renderNote = (note: string): SafeHtml => markup`<div style="padding-top:6px;color:#b26a00">${note}</div>`;

const renderTitle = (title: string): SafeHtml =>
  markup`<tr><td style="padding:0 24px 6px;word-break:break-word">• ${title}</td></tr>`;

const renderChart = (description: string): SafeHtml =>
  markup`<tr><td style="padding:0 24px 16px"><img src="cid:${CHART_CID}" alt="${description}" width="590" style="display:block;width:100%;max-width:590px;height:auto;border:1px solid #dfe1e5;border-radius:4px"></td></tr>`;

function renderAlert({ state, name, summary, description, facts, labels, links }: AlertContent): SafeHtml {
  const color = state === 'firing' ? COLORS.page : COLORS.resolved;
  const text = (value: string | undefined): SafeHtml | string =>
    value === undefined
      ? ''
      : markup`<div style="padding-top:4px;word-break:break-word;white-space:pre-line">${value}</div>`;
  return markup`<tr><td style="padding:0 24px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="border:1px solid #dfe1e5;border-left:4px solid ${color};border-radius:4px;border-collapse:separate"><tr><td style="padding:12px 14px;font-size:15px">
<div><span style="color:${color};font-size:12px;font-weight:700;letter-spacing:.04em">${state.toUpperCase()}</span>&nbsp; <strong>${name}</strong></div>
${text(summary)}${text(description)}
<table role="presentation" cellpadding="0" cellspacing="0" style="padding-top:8px;font-size:14px">${facts.map(renderFact)}</table>
${labels.length === 0 ? '' : markup`<div style="padding-top:8px">${labels.map(renderLabel)}</div>`}
${links.length === 0 ? '' : markup`<div style="padding-top:8px">${links.map(renderLink)}</div>`}
</td></tr></table></td></tr>
`;
}

const renderFact = ({ name, value }: Named): SafeHtml =>
  markup`<tr><td style="padding:2px 12px 2px 0;color:#666666;vertical-align:top;white-space:nowrap">${name}</td><td style="padding:2px 0;word-break:break-word">${value}</td></tr>`;

const renderLabel = ({ name, value }: Named): SafeHtml =>
  markup`<span style="display:inline-block;margin:2px 4px 2px 0;padding:1px 7px;background:#eef0f3;border-radius:4px;${MONO};font-size:12px;word-break:break-all">${name}=${value}</span> `;

const renderLink = ({ name, value }: Named): SafeHtml =>
  markup`<a href="${value}" style="margin-right:14px;color:#0b57d0">${name}</a> `;
