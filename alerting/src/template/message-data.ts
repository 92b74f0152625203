import type { Alert, LabelSet } from '../alert.ts';
import type { Notification } from '../notify/notification.ts';
import type { Value } from './format.ts';
import { Moment } from './moment.ts';

/** Names and values, with the methods that Alertmanager's have. Source: Alertmanager documentation, "Notification template reference", KV. */
class KeyValues extends Map<string, Value> {
  override get(name: string): Value {
    const own = super.get(name);
    if (own !== undefined) return own;
    const pairs = this.#sorted();
    if (name === 'SortedPairs') return new Pairs(...pairs.map(pairOf));
    if (name === 'Names') return pairs.map(([key]) => key);
    if (name === 'Values') return pairs.map(([, value]) => value);
    return undefined;
  }

  /** The pairs without these names: the method `Remove`. */
  remove(names: readonly Value[]): KeyValues {
    const gone = new Set(names);
    return new KeyValues([...this].filter(([name]) => !gone.has(name)));
  }

  #sorted(): [string, Value][] {
    return [...this].sort(([a], [b]) => (a === 'alertname' ? -1 : b === 'alertname' ? 1 : a < b ? -1 : 1));
  }
}

const pairOf = ([name, value]: readonly [string, Value]): Value =>
  new Map([
    ['Name', name],
    ['Value', value],
  ]);

/** A list that has fields as well. */
export abstract class FieldList extends Array<Value> {
  // What is made of it is a plain list.
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** `undefined` where there is no field of this name. */
  abstract get(name: string): Value;
}

/** Source: Alertmanager documentation, "Notification template reference", Pairs. */
class Pairs extends FieldList {
  get(name: string): Value {
    const key = { Names: 'Name', Values: 'Value' }[name];
    return key === undefined ? undefined : this.map((pair) => (pair instanceof Map ? (pair.get(key) as Value) : ''));
  }
}

/** Source: Alertmanager documentation, "Notification template reference", Alerts. */
class Alerts extends FieldList {
  get(name: string): Value {
    if (name !== 'Firing' && name !== 'Resolved') return undefined;
    return this.filter((alert) => alert instanceof Map && alert.get('Status') === name.toLowerCase());
  }
}

/** Calls a method that takes arguments; `undefined` where the value has none of that name. */
export function callMethod(target: Value, name: string, values: readonly Value[]): Value {
  return target instanceof KeyValues && name === 'Remove' ? target.remove(values.flat() as Value[]) : undefined;
}

/** Whether the value has a method of that name that takes arguments. */
export function hasMethod(target: Value, name: string): boolean {
  return target instanceof KeyValues && name === 'Remove';
}

/** A notification as templates see it. Source: Alertmanager documentation, "Notification template reference", Data. */
export function messageData(notification: Notification, externalUrl: string): ReadonlyMap<string, Value> {
  const { firing, resolved } = notification;
  const alerts = [
    ...firing.map((alert) => alertData(alert, 'firing')),
    ...resolved.map((alert) => alertData(alert, 'resolved')),
  ];
  return new Map<string, Value>([
    ['Receiver', notification.receiver],
    ['Status', notification.status],
    ['Alerts', Alerts.from(alerts) as Alerts],
    ['GroupLabels', keyValues(notification.groupLabels)],
    ['CommonLabels', keyValues(notification.commonLabels)],
    ['CommonAnnotations', keyValues(notification.commonAnnotations)],
    ['ExternalURL', externalUrl],
    ['GroupKey', notification.groupKey],
    ['TruncatedAlerts', BigInt(notification.firingCount + notification.resolvedCount - alerts.length)],
  ]);
}

function alertData(alert: Alert, status: 'firing' | 'resolved'): ReadonlyMap<string, Value> {
  return new Map<string, Value>([
    ['Status', status],
    ['Labels', keyValues(alert.labels)],
    ['Annotations', keyValues(alert.annotations)],
    ['StartsAt', Moment.of(alert.startsAtMs)],
    ['EndsAt', Moment.of(alert.endsAtMs)],
    ['GeneratorURL', alert.generatorUrl],
    ['Fingerprint', alert.fingerprint],
  ]);
}

const keyValues = (labels: LabelSet): KeyValues => new KeyValues(Object.entries(labels));
