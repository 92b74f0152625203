/** Attributes of a span or a data point, by name. */
export type AttributeValue = string | number | boolean;
export type AttributeMap = Readonly<Record<string, AttributeValue>>;
