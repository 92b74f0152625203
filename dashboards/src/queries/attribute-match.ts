/** Filters of attributes, as a statement binds them. */
export type AttributeParameters = Readonly<{
  /** For each key the values of which it has one. */
  is_keys: readonly string[];
  is_values: readonly (readonly string[])[];
  not_keys: readonly string[];
  not_values: readonly string[];
  /** Values that are part of its value, in any case. */
  part_keys: readonly string[];
  part_values: readonly string[];
}>;

/**
 * The condition of `AttributeParameters`, as SQL.
 * @param valueOf the value of the attribute whose key an SQL expression gives, as SQL
 */
export function attributesMatch(valueOf: (key: string) => string): string {
  return `(empty({is_keys:Array(String)})
        OR arrayAll((k, v) -> has(v, ${valueOf('k')}), {is_keys:Array(String)}, {is_values:Array(Array(String))}))
      AND (empty({not_keys:Array(String)})
        OR arrayAll((k, v) -> ${valueOf('k')} != v, {not_keys:Array(String)}, {not_values:Array(String)}))
      AND (empty({part_keys:Array(String)})
        OR arrayAll((k, v) -> positionCaseInsensitiveUTF8(${valueOf('k')}, v) > 0, {part_keys:Array(String)}, {part_values:Array(String)}))`;
}

/** A map of attributes for a page: at most 64, values cut. As SQL. */
export function cutMap(map: string, characters: number): string {
  return `mapApply((k, v) -> (leftUTF8(k, 200), leftUTF8(v, ${characters})), CAST(arraySlice(CAST(${map}, 'Array(Tuple(String, String))'), 1, 64), 'Map(String, String)'))`;
}
